import type { StoredFile } from "@t2m/contract/files";
import { maximumJobsPerBatch } from "@t2m/contract/limits";
import type { PresetId } from "@t2m/contract/presets";
import { type Priority, priorities } from "@t2m/contract/priority";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { isNotFound, problemText } from "../lib/problem.ts";
import { usePresetTitle } from "../presets/list.ts";
import { PresetSelect } from "../presets/select.tsx";
import { conversionOf, isPresetId, kindOf, suits } from "../rows/choose.ts";
import { client } from "../session/client.ts";
import { text } from "../text.ts";
import { recordText } from "../text-record.ts";
import { Button } from "../ui/button.tsx";
import { SelectField } from "../ui/fields.tsx";
import { Labelled } from "../ui/labelled.tsx";
import { Problem } from "../ui/message.tsx";

/** Converts all chosen uploads to one format, as a batch. */
export function BatchMaker({
  sources,
  chosen,
  onChooseAll,
}: {
  sources: readonly StoredFile[];
  chosen: readonly StoredFile[];
  onChooseAll: (all: boolean) => void;
}) {
  const navigate = useNavigate();
  const [wanted, setWanted] = useState<PresetId>();
  const [priority, setPriority] = useState<Priority>("normal");
  const [isBusy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string>();
  // A format that only films can become is none for a choice with sound in it.
  const kind = chosen.every(isFilm) ? "video" : "audio";
  const usual = kind === "video" && chosen.length > 0 ? "mp4" : "mp3";
  const preset = wanted && suits(wanted, kind) ? wanted : usual;
  const title = usePresetTitle(preset);
  const texts = recordText.maker;
  const make = async () => {
    setBusy(true);
    setProblem(undefined);
    try {
      const conversion = conversionOf(preset);
      const uploadIds = chosen.map(({ uploadId }) => uploadId).filter((id) => id !== undefined);
      const { id: batchId } = await client.createBatch({
        body: {
          name: texts.name(chosen.length, title),
          priority,
          jobs: uploadIds.map((uploadId) => ({ uploadId, conversion })),
        },
      });
      await navigate({ to: "/batches/$batchId", params: { batchId } });
    } catch (error) {
      setProblem(isNotFound(error) ? texts.gone : problemText(error));
      setBusy(false);
    }
  };
  return (
    <section aria-label={texts.label} className="card mb-4 grid gap-3 p-3 sm:p-4">
      <div className="flex flex-wrap items-end gap-3">
        <label className="me-auto flex min-h-11 items-center gap-3 pe-2">
          <input
            type="checkbox"
            className="size-5 accent-accent"
            checked={chosen.length === sources.length}
            onChange={({ target }) => onChooseAll(target.checked)}
          />
          <span>
            {texts.all(sources.length)}
            <span role="status" className="block text-sm text-soft tabular-nums">
              {texts.chosen(chosen.length)}
            </span>
          </span>
        </label>
        <Labelled isSmall label={text.convert.to} className="grow sm:max-w-52">
          {(id) => (
            <PresetSelect
              id={id}
              value={preset}
              forKind={kind}
              onChange={(value) => isPresetId(value) && setWanted(value)}
            />
          )}
        </Labelled>
        <SelectField
          label={recordText.batch.priority}
          className="grow sm:grow-0"
          value={priority}
          choices={priorities.map((known) => [known, recordText.priorities[known]] as const)}
          onChange={setPriority}
        />
        <Button
          look="main"
          className="max-sm:w-full"
          disabled={isBusy || chosen.length === 0 || chosen.length > maximumJobsPerBatch}
          onClick={() => void make()}
        >
          {texts.make(chosen.length)}
        </Button>
      </div>
      {chosen.length > maximumJobsPerBatch && (
        <p className="text-sm text-warn">{texts.tooMany(maximumJobsPerBatch)}</p>
      )}
      {problem && <Problem>{problem}</Problem>}
    </section>
  );
}

const isFilm = ({ name, contentType = "" }: StoredFile) => kindOf({ name, type: contentType }) === "video";
