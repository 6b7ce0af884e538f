import { isPresetId, suits } from "../rows/choose.ts";
import type { Kind } from "../rows/row.ts";
import { text } from "../text.ts";
import { usePresets } from "./list.ts";

/** The formats in groups. `first` is an entry before them: another choice, or a prompt. */
export function PresetSelect({
  label,
  value,
  onChange,
  forKind = "video",
  first,
  id,
  small = false,
  className = "",
}: {
  /** For those who hear it, where no visible label has the `id`. */
  label?: string;
  value: string;
  onChange: (value: string) => void;
  forKind?: Kind;
  first?: readonly [value: string, text: string];
  id?: string;
  small?: boolean;
  className?: string;
}) {
  const presets = usePresets().filter((preset) => isPresetId(preset.id) && suits(preset.id, forKind));
  // Before the list is here, what is chosen stands for itself.
  const isKnown = value === first?.[0] || presets.some((preset) => preset.id === value);
  return (
    <select
      id={id}
      aria-label={label}
      value={value}
      onChange={(event) => onChange(event.target.value)}
      className={`field ${small ? "field-small" : ""} ${className}`}
    >
      {first && <option value={first[0]}>{first[1]}</option>}
      {!isKnown && <option value={value}>{value}</option>}
      {(["audio", "video", "image"] as const).map((kind) => {
        const inside = presets.filter((preset) => preset.kind === kind);
        if (inside.length === 0) return null;
        return (
          <optgroup key={kind} label={text.kinds[kind]}>
            {inside.map((preset) => (
              <option key={preset.id} value={preset.id}>
                {preset.title}
              </option>
            ))}
          </optgroup>
        );
      })}
    </select>
  );
}
