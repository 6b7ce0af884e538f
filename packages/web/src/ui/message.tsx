import type { ReactNode } from "react";

/** A page or a part of one that has nothing else to show: empty, failed, gone. */
export function Message({
  heading,
  body,
  level = 2,
  children,
}: {
  heading: string;
  body?: string;
  level?: 1 | 2;
  children?: ReactNode;
}) {
  const Heading = level === 1 ? "h1" : "h2";
  return (
    <section className="card mx-auto my-8 max-w-xl px-6 py-10 text-center">
      <Heading className="text-xl font-semibold" tabIndex={level === 1 ? -1 : undefined}>
        {heading}
      </Heading>
      {body && <p className="mt-2 text-soft">{body}</p>}
      {children && <div className="mt-5 flex flex-wrap justify-center gap-3">{children}</div>}
    </section>
  );
}

/** Says that something did not work, at once. */
export function Problem({ children }: { children: ReactNode }) {
  return (
    <p role="alert" className="rounded-xl border border-bad bg-bad-tint px-4 py-3 text-bad">
      {children}
    </p>
  );
}

/** Grey blocks where rows will be, as high as they. */
export function Placeholder({ label, rows = 3 }: { label: string; rows?: number }) {
  return (
    <div role="status" className="grid gap-3">
      <span className="sr-only">{label}</span>
      {Array.from({ length: rows }, (_, row) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: they are all alike and never move
        <div key={row} className="card h-24 animate-pulse bg-sunken" />
      ))}
    </div>
  );
}
