import { type ReactNode, useId } from "react";

/** A field with its name above it. `children` is given the id by which the two belong together. */
export function Labelled({
  label,
  isSmall = false,
  children,
}: {
  label: string;
  isSmall?: boolean;
  children: (id: string) => ReactNode;
}) {
  const id = useId();
  return (
    <div className="grid gap-1">
      <label htmlFor={id} className={isSmall ? "text-sm" : "font-medium"}>
        {label}
      </label>
      {children(id)}
    </div>
  );
}
