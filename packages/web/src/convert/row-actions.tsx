import { lazy, Suspense, useRef, useState } from "react";
import { isHopeless } from "../job/failure.ts";
import { clockText, sizeText } from "../lib/format.ts";
import { useStore } from "../lib/store.ts";
import { PresetSelect } from "../presets/select.tsx";
import { goOnWith, goOnWithHandle, want } from "../rows/actions.ts";
import { conversionOf, isPresetId } from "../rows/choose.ts";
import { pause, remove, resume } from "../rows/engine.ts";
import { estimateBytes, trimOf } from "../rows/estimate.ts";
import { jobStore } from "../rows/jobs.ts";
import { isMoving, type Row } from "../rows/row.ts";
import { fileOf } from "../rows/rows.ts";
import { text } from "../text.ts";
import { Button } from "../ui/button.tsx";

const OptionsDialog = lazy(() => import("./options-dialog.tsx"));

/** What can be done with a file: its format before the upload's end, its moves at any time. */
export function RowActions({ row }: { row: Row }) {
  const { id, name, phase, kind, wanted, problem } = row;
  const [isOpen, setOpen] = useState(false);
  const isUploaded = phase === "uploaded";
  const leave = () => {
    void remove(id);
    // The button that had the focus goes with the row.
    document.getElementById("main")?.focus({ preventScroll: true });
  };
  const canChoose = !isUploaded && phase !== "gone" && problem?.canRetry !== false;
  return (
    <div className="mt-3 flex flex-wrap items-center gap-2 sm:ps-18">
      {canChoose && (
        <>
          <PresetSelect
            small
            label={text.row.formatOf(name)}
            value={wanted.preset}
            forKind={kind}
            onChange={(value) => isPresetId(value) && want(id, conversionOf(value))}
          />
          <Button small look="quiet" about={name} onClick={() => setOpen(true)}>
            {text.row.options}
          </Button>
          <Wanted row={row} />
        </>
      )}
      <span className="me-auto" />
      {isUploaded && <Again row={row} onClick={() => setOpen(true)} />}
      <Moves row={row} />
      <Button small about={name} onClick={leave}>
        {isUploaded || phase === "gone" || problem?.canRetry === false ? text.row.remove : text.row.giveUp}
      </Button>
      {isOpen && (
        <Suspense>
          <OptionsDialog
            subject={{ ...row, file: fileOf(id) }}
            isAgain={isUploaded}
            onSave={(conversion) => want(id, conversion)}
            onClose={() => setOpen(false)}
          />
        </Suspense>
      )}
    </div>
  );
}

/** Not where nothing can be made of the file, whatever one chooses. */
function Again({ row: { name, jobIds }, onClick }: { row: Row; onClick: () => void }) {
  const { job } = useStore(jobStore(jobIds.at(-1) ?? ""));
  if (job && isHopeless(job)) return null;
  return (
    <Button small about={name} onClick={onClick}>
      {text.row.again}
    </Button>
  );
}

/** What the chosen options come to. */
function Wanted({ row: { wanted, durationSeconds } }: { row: Row }) {
  const { start, end } = trimOf(wanted);
  const bytes = estimateBytes(wanted, { durationSeconds });
  const until = end ?? durationSeconds;
  const facts = [
    (start > 0 || end !== undefined) &&
      text.row.trimmed(clockText(start), until === undefined ? "" : clockText(until)),
    bytes !== undefined && text.row.estimate(sizeText(bytes)),
  ].filter(Boolean);
  return facts.length > 0 && <p className="text-sm text-soft tabular-nums">{facts.join(", ")}</p>;
}

function Moves({ row }: { row: Row }) {
  const { id, name, phase, problem } = row;
  if (isMoving(row) && phase !== "completing") {
    return (
      <Button small about={name} onClick={() => pause(id)}>
        {text.row.pause}
      </Button>
    );
  }
  if (phase === "paused") {
    return (
      <Button small look="main" about={name} onClick={() => resume(id)}>
        {text.row.resume}
      </Button>
    );
  }
  if (phase === "failed" && problem?.canRetry) {
    return (
      <Button small look="main" about={name} onClick={() => resume(id)}>
        {text.row.retry}
      </Button>
    );
  }
  if (phase === "needs-permission") {
    return (
      <Button small look="main" about={name} onClick={() => void goOnWithHandle(id)}>
        {text.row.resume}
      </Button>
    );
  }
  return phase === "needs-file" ? <SameFile row={row} /> : null;
}

function SameFile({ row: { id, name } }: { row: Row }) {
  const field = useRef<HTMLInputElement>(null);
  return (
    <>
      <Button small look="main" about={name} onClick={() => field.current?.click()}>
        {text.row.chooseSame}
      </Button>
      <input
        ref={field}
        type="file"
        hidden
        onChange={({ target }) => {
          const [file] = target.files ?? [];
          target.value = "";
          if (file) goOnWith(id, file);
        }}
      />
    </>
  );
}
