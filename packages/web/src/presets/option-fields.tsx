import { useId } from "react";
import { text } from "../text.ts";
import { Labelled } from "../ui/labelled.tsx";
import type { Field, Fields } from "./fields.ts";

type Options = Readonly<Record<string, unknown>>;
type Change = (changes: Options) => void;

/** A preset's options in plain words, the rarer ones folded away. */
export function OptionFields({
  fields: { plain, advanced, canTrim },
  options,
  onChange,
}: {
  fields: Fields;
  options: Options;
  onChange: Change;
}) {
  const nothing = plain.length + advanced.length === 0 && !canTrim;
  const list = (fields: readonly Field[]) =>
    fields.map((field) => (
      <OptionField key={field.name} field={field} value={options[field.name]} onChange={onChange} />
    ));
  return (
    <>
      {nothing && <p className="text-soft">{text.options.none}</p>}
      {list(plain)}
      {advanced.length > 0 && (
        <details className="rounded-lg border border-line px-3">
          <summary className="flex min-h-11 items-center font-medium">{text.options.advanced}</summary>
          <div className="grid gap-4 pt-1 pb-4">{list(advanced)}</div>
        </details>
      )}
    </>
  );
}

function OptionField({ field, value, onChange }: { field: Field; value: unknown; onChange: Change }) {
  const about = useId();
  const { name, description, choices } = field;
  const Input = choices ? Choice : Amount;
  return (
    <Labelled label={text.optionNames[name] ?? name}>
      {(id) => (
        <>
          <Input id={id} about={description && about} field={field} value={value} onChange={onChange} />
          {description && (
            <p id={about} className="text-sm text-soft">
              {description}
            </p>
          )}
        </>
      )}
    </Labelled>
  );
}

type InputProps = {
  id: string;
  about: string | undefined;
  field: Field;
  value: unknown;
  onChange: Change;
};

function Choice({ id, about, field: { name, choices = [], usual }, value, onChange }: InputProps) {
  const shown = value ?? usual;
  return (
    <select
      id={id}
      aria-describedby={about}
      className="field"
      value={shown === undefined ? "" : String(shown)}
      onChange={({ target }) => {
        const chosen = choices.find((choice) => String(choice) === target.value);
        onChange({ [name]: chosen });
      }}
    >
      {usual === undefined && <option value="">{text.options.asSource}</option>}
      {choices.map((choice) => (
        <option key={String(choice)} value={String(choice)}>
          {text.optionValues[`${name} ${choice}`] ?? String(choice)}
        </option>
      ))}
    </select>
  );
}

function Amount({ id, about, field, value, onChange }: InputProps) {
  const { name, usual, minimum, maximum, isWhole, isNumber } = field;
  return (
    <input
      id={id}
      aria-describedby={about}
      type={isNumber ? "number" : "text"}
      inputMode={isNumber ? "decimal" : "text"}
      min={minimum}
      max={maximum}
      step={isWhole ? 1 : "any"}
      placeholder={usual === undefined ? text.options.asSource : String(usual)}
      className="field"
      value={value === undefined ? "" : String(value)}
      onChange={({ target }) => {
        const given = isNumber ? target.valueAsNumber : target.value;
        onChange({ [name]: target.value === "" || Number.isNaN(given) ? undefined : given });
      }}
    />
  );
}
