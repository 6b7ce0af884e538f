import type { ConversionRequest } from "@t2m/contract/presets";
import { parseOptions } from "@t2m/contract/presets";
import { lazy, Suspense, useId, useMemo, useState } from "react";
import { sizeText } from "../lib/format.ts";
import { fieldsOf } from "../presets/fields.ts";
import { usePresets } from "../presets/list.ts";
import { OptionFields } from "../presets/option-fields.tsx";
import { PresetSelect } from "../presets/select.tsx";
import { want } from "../rows/actions.ts";
import { conversionOf, isPresetId } from "../rows/choose.ts";
import { estimateBytes } from "../rows/estimate.ts";
import type { Row } from "../rows/row.ts";
import { fileOf } from "../rows/rows.ts";
import { text } from "../text.ts";
import { Button } from "../ui/button.tsx";
import { Dialog } from "../ui/dialog.tsx";
import { Problem } from "../ui/message.tsx";
import { TrimField } from "./trim-field.tsx";

const Waveform = lazy(() => import("../media/waveform.tsx"));
const mostBytesDrawn = 64 * 1024 * 1024;

type Options = Readonly<Record<string, unknown>>;

/** Everything that can be said about a conversion. Before the upload's end it is set, afterwards it makes another. */
export default function OptionsDialog({ row, onClose }: { row: Row; onClose: () => void }) {
  const { id, name, kind, wanted, phase, durationSeconds } = row;
  const isAgain = phase === "uploaded";
  const [preset, setPreset] = useState<string>(wanted.preset);
  const [options, setOptions] = useState<Options>(wanted.options);
  const [problem, setProblem] = useState<string>();
  const formatId = useId();
  const schema = usePresets().find((one) => one.id === preset)?.options;
  const fields = useMemo(() => fieldsOf(schema), [schema]);
  const made = tryMake(preset, options);
  const bytes = made.conversion && estimateBytes(made.conversion, { durationSeconds });
  const save = () => {
    if (!made.conversion) return setProblem(text.options.invalid(made.problem));
    want(id, made.conversion);
    onClose();
  };
  const change = (changes: Options) => {
    setProblem(undefined);
    setOptions(merged(options, changes));
  };
  return (
    <Dialog heading={isAgain ? text.options.again(name) : text.options.heading(name)} onClose={onClose}>
      <div className="grid gap-5">
        <div className="grid gap-1">
          <label htmlFor={formatId} className="font-medium">
            {text.options.format}
          </label>
          <PresetSelect
            id={formatId}
            value={preset}
            forKind={kind}
            onChange={(value) => {
              setPreset(value);
              setOptions(keptOptions(options));
            }}
          />
        </div>
        <OptionFields fields={fields} options={options} onChange={change} />
        {fields.canTrim && (
          <TrimField options={options} durationSeconds={durationSeconds} onChange={change}>
            {kind === "audio" && <Drawing row={row} options={options} onChange={change} />}
          </TrimField>
        )}
        {bytes !== undefined && <p className="text-sm text-soft">{text.options.estimate(sizeText(bytes))}</p>}
        {problem && <Problem>{problem}</Problem>}
        <div className="flex flex-wrap justify-end gap-3">
          <Button onClick={onClose}>{text.cancel}</Button>
          <Button look="main" onClick={save}>
            {isAgain ? text.options.convert : text.save}
          </Button>
        </div>
      </div>
    </Dialog>
  );
}

function Drawing({
  row: { id, name },
  options,
  onChange,
}: {
  row: Row;
  options: Options;
  onChange: (changes: Options) => void;
}) {
  const file = fileOf(id);
  const { trimStartSeconds, trimEndSeconds } = options;
  const trim = useMemo(
    () => ({
      start: Number(trimStartSeconds ?? 0),
      ...(typeof trimEndSeconds === "number" && { end: trimEndSeconds }),
    }),
    [trimStartSeconds, trimEndSeconds],
  );
  if (!file) return null;
  if (file.size > mostBytesDrawn) return <p className="text-sm text-soft">{text.options.noWaveform}</p>;
  return (
    <Suspense fallback={<div className="h-20" />}>
      <Waveform
        label={text.options.waveform(name)}
        source={file}
        trim={trim}
        onTrim={({ start, end }) =>
          onChange({ trimStartSeconds: start > 0 ? start : undefined, trimEndSeconds: end })
        }
      />
    </Suspense>
  );
}

function merged(options: Options, changes: Options): Options {
  return Object.fromEntries(
    Object.entries({ ...options, ...changes }).filter(([, value]) => value !== undefined),
  );
}

/** What still makes sense for another format: where it is cut. */
const keptOptions = ({ trimStartSeconds, trimEndSeconds }: Options) =>
  merged({}, { trimStartSeconds, trimEndSeconds });

type Made = { conversion: ConversionRequest; problem?: never } | { conversion?: never; problem: string };

function tryMake(preset: string, options: Options): Made {
  if (!isPresetId(preset)) return { problem: preset };
  try {
    parseOptions(preset, options);
    return { conversion: conversionOf(preset, options) };
  } catch (error) {
    return { problem: sentenceOf(error) };
  }
}

function sentenceOf(error: unknown): string {
  const issues =
    error instanceof Object && "issues" in error && Array.isArray(error.issues) ? error.issues : [];
  return issues
    .map(({ path, message }: { path: PropertyKey[]; message: string }) => {
      const key = String(path[0] ?? "");
      return `${text.optionNames[key] ?? key} ${message}`;
    })
    .join("; ");
}
