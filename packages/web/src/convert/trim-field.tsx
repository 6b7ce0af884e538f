import type { ReactNode } from "react";
import { text } from "../text.ts";
import { Button } from "../ui/button.tsx";
import { Labelled } from "../ui/labelled.tsx";

type Options = Readonly<Record<string, unknown>>;

/** Where to cut: by numbers for everybody; `children` is the waveform to drag on, where there is one. */
export function TrimField({
  options,
  durationSeconds,
  onChange,
  children,
}: {
  options: Options;
  durationSeconds: number | undefined;
  onChange: (changes: Options) => void;
  children: ReactNode;
}) {
  const { trimStartSeconds, trimEndSeconds } = options;
  const isTrimmed = trimStartSeconds !== undefined || trimEndSeconds !== undefined;
  const most = durationSeconds === undefined ? undefined : Math.ceil(durationSeconds * 10) / 10;
  return (
    <fieldset className="grid gap-2">
      <legend className="font-medium">{text.options.trim}</legend>
      {children}
      <div className="flex flex-wrap items-end gap-3">
        <Seconds
          name="trimStartSeconds"
          value={trimStartSeconds}
          most={most}
          placeholder="0"
          onChange={onChange}
        />
        <Seconds
          name="trimEndSeconds"
          value={trimEndSeconds}
          most={most}
          placeholder={most === undefined ? "" : String(most)}
          onChange={onChange}
        />
        <Button
          look="quiet"
          disabled={!isTrimmed}
          onClick={() => onChange({ trimStartSeconds: undefined, trimEndSeconds: undefined })}
        >
          {text.options.wholeFile}
        </Button>
      </div>
    </fieldset>
  );
}

function Seconds({
  name,
  value,
  most,
  placeholder,
  onChange,
}: {
  name: "trimStartSeconds" | "trimEndSeconds";
  value: unknown;
  most: number | undefined;
  placeholder: string;
  onChange: (changes: Options) => void;
}) {
  return (
    <Labelled isSmall label={text.optionNames[name] ?? name}>
      {(id) => (
        <input
          id={id}
          type="number"
          inputMode="decimal"
          min={0}
          max={most}
          step={0.1}
          className="field w-32"
          placeholder={placeholder}
          value={typeof value === "number" ? value : ""}
          onChange={({ target }) =>
            onChange({ [name]: Number.isNaN(target.valueAsNumber) ? undefined : target.valueAsNumber })
          }
        />
      )}
    </Labelled>
  );
}
