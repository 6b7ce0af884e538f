import { Labelled } from "./labelled.tsx";

/** What a list is searched for. */
export function SearchField({
  label,
  value = "",
  placeholder,
  onChange,
}: {
  label: string;
  value: string | undefined;
  placeholder?: string;
  onChange: (value: string) => void;
}) {
  return (
    <Labelled isSmall label={label}>
      {(id) => (
        <input
          id={id}
          type="search"
          className="field w-full"
          placeholder={placeholder}
          value={value}
          onChange={({ target }) => onChange(target.value)}
        />
      )}
    </Labelled>
  );
}

/** One of a few values, each by its name. */
export function SelectField<Value extends string | number>({
  label,
  value,
  choices,
  className = "",
  onChange,
}: {
  label: string;
  value: Value;
  choices: readonly (readonly [value: Value, name: string])[];
  className?: string;
  onChange: (value: Value) => void;
}) {
  return (
    <Labelled isSmall label={label} className={className}>
      {(id) => (
        <select
          id={id}
          className="field"
          value={value}
          onChange={({ target }) => {
            const [chosen] = choices.find(([known]) => String(known) === target.value) ?? [];
            if (chosen !== undefined) onChange(chosen);
          }}
        >
          {choices.map(([known, name]) => (
            <option key={known} value={known}>
              {name}
            </option>
          ))}
        </select>
      )}
    </Labelled>
  );
}
