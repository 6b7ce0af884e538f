import { useState } from "react";
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
  const all = usePresets();
  // Two hundred rows would otherwise hold thousands of entries that nobody looks at.
  const [isAsked, setAsked] = useState(false);
  const presets = isAsked ? all.filter(({ id }) => isPresetId(id) && suits(id, forKind)) : [];
  const isListed = value === first?.[0] || presets.some((preset) => preset.id === value);
  // Before the list is here, what is chosen stands for itself.
  const title = all.find((preset) => preset.id === value)?.title ?? value;
  const ask = () => setAsked(true);
  return (
    <select
      id={id}
      aria-label={label}
      value={value}
      onPointerEnter={ask}
      onPointerDown={ask}
      onFocus={ask}
      onChange={(event) => onChange(event.target.value)}
      className={`field ${small ? "field-small" : ""} ${className}`}
    >
      {first && <option value={first[0]}>{first[1]}</option>}
      {!isListed && <option value={value}>{title}</option>}
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
