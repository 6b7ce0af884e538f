import type { ConversionRequest } from "@t2m/contract/presets";
import { parseOptions } from "@t2m/contract/presets";
import { lazy, Suspense, useMemo, useState } from "react";
import { sizeText } from "../lib/format.ts";
import { fieldsOf } from "../presets/fields.ts";
import { usePresets } from "../presets/list.ts";
import { OptionFields } from "../presets/option-fields.tsx";
import { PresetSelect } from "../presets/select.tsx";
import { conversionOf, isPresetId } from "../rows/choose.ts";
import { estimateBytes } from "../rows/estimate.ts";
import type { Kind } from "../rows/row.ts";
import { text } from "../text.ts";
import { Button } from "../ui/button.tsx";
import { Dialog } from "../ui/dialog.tsx";
import { Labelled } from "../ui/labelled.tsx";
import { Problem } from "../ui/message.tsx";
import { TrimField } from "./trim-field.tsx";

const Waveform = lazy(() => import("../media/waveform.tsx"));
const mostBytesDrawn = 64 * 1024 * 1024;

type Options = Readonly<Record<string, unknown>>;

/** What is to be converted, and how it would be now. `file` is there as long as this page has it in its hands. */
export type Subject = {
  name: string;
  kind: Kind;
  wanted: ConversionRequest;
  durationSeconds?: number | undefined;
  file?: File | undefined;
};

/** Everything that can be said about a conversion. `isAgain`: it makes another one, and does not set the first. */
export default function OptionsDialog({
  subject,
  isAgain,
  onSave,
  onClose,
}: {
  subject: Subject;
  isAgain: boolean;
  onSave: (conversion: ConversionRequest) => void;
  onClose: () => void;
}) {
  const { name, kind, wanted, durationSeconds, file } = subject;
  const [preset, setPreset] = useState<string>(wanted.preset);
  const [options, setOptions] = useState<Options>(wanted.options);
  const [problem, setProblem] = useState<string>();
  const schema = usePresets().find((one) => one.id === preset)?.options;
  const fields = useMemo(() => fieldsOf(schema), [schema]);
  const made = tryMake(preset, options);
  const bytes = made.conversion && estimateBytes(made.conversion, { durationSeconds });
  const save = () => {
    if (!made.conversion) return setProblem(text.options.invalid(made.problem));
    onSave(made.conversion);
    onClose();
  };
  const change = (changes: Options) => {
    setProblem(undefined);
    setOptions(merged(options, changes));
  };
  return (
    <Dialog heading={isAgain ? text.options.again(name) : text.options.heading(name)} onClose={onClose}>
      <div className="grid gap-5">
        <Labelled label={text.options.format}>
          {(id) => (
            <PresetSelect
              id={id}
              value={preset}
              forKind={kind}
              onChange={(value) => {
                setPreset(value);
                setOptions(keptOptions(options));
              }}
            />
          )}
        </Labelled>
        <OptionFields fields={fields} options={options} onChange={change} />
        {fields.canTrim && (
          <TrimField options={options} durationSeconds={durationSeconds} onChange={change}>
            {kind === "audio" && file && (
              <Drawing name={name} file={file} options={options} onChange={change} />
            )}
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
  name,
  file,
  options,
  onChange,
}: {
  name: string;
  file: File;
  options: Options;
  onChange: (changes: Options) => void;
}) {
  const { trimStartSeconds, trimEndSeconds } = options;
  const trim = useMemo(
    () => ({
      start: Number(trimStartSeconds ?? 0),
      ...(typeof trimEndSeconds === "number" && { end: trimEndSeconds }),
    }),
    [trimStartSeconds, trimEndSeconds],
  );
  if (file.size > mostBytesDrawn) return <p className="text-sm text-soft">{text.options.noWaveform}</p>;
  return (
    <Suspense fallback={<p className="min-h-27 text-sm text-soft">{text.options.drawing}</p>}>
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
