import { type ReactNode, useId } from "react";

/** A field with its name above it. `children` is given the id by which the two belong together. */
export function Labelled({
  label,
  isSmall = false,
  className = "",
  children,
}: {
  label: string;
  isSmall?: boolean;
  className?: string;
  children: (id: string) => ReactNode;
}) {
  const id = useId();
  return (
    <div className={`grid gap-1 ${className}`}>
      <label htmlFor={id} className={`font-medium ${isSmall ? "text-sm" : ""}`}>
        {label}
      </label>
      {children(id)}
    </div>
  );
}
