import type { ReactNode } from "react";

/** A table of numbers; on a narrow page it scrolls within itself. */
export function Table({
  label,
  heads,
  children,
}: {
  label: string;
  heads: readonly string[];
  children: ReactNode;
}) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <section tabIndex={0} aria-label={label} className="card max-h-96 overflow-auto">
      <table className="w-full text-sm tabular-nums [&_td]:px-4 [&_td]:py-2 [&_td]:text-end [&_td]:whitespace-nowrap [&_th]:px-4 [&_th]:py-2 [&_th]:text-start [&_th]:font-medium [&_th]:whitespace-nowrap [&_thead_th:not(:first-child)]:text-end">
        <caption className="sr-only">{label}</caption>
        <thead className="border-b border-line text-soft">
          <tr>
            {heads.map((head) => (
              <th key={head} scope="col">
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody className="divide-y divide-line">{children}</tbody>
      </table>
    </section>
  );
}
