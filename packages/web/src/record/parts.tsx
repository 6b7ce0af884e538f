import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { problemText } from "../lib/problem.ts";
import { text } from "../text.ts";
import { recordText } from "../text-record.ts";
import { Button } from "../ui/button.tsx";
import { Message, Placeholder } from "../ui/message.tsx";
import { mayComeBack } from "./client.ts";

/** Leads between the pages of what one has made. */
export function RecordTabs() {
  const { label, jobs, batches, files } = recordText.tabs;
  return (
    <nav aria-label={label} className="mb-5 flex flex-wrap gap-x-1 border-b border-line">
      <Tab to="/history">{jobs}</Tab>
      <Tab to="/batches">{batches}</Tab>
      <Tab to="/files">{files}</Tab>
    </nav>
  );
}

export const tabClass = "-mb-px flex min-h-11 items-center border-b-2 px-2 sm:px-3";
export const tabOpen = {
  className: "border-accent font-semibold text-accent",
  "aria-current": "page",
} as const;
export const tabClosed = { className: "border-transparent hover:bg-sunken" } as const;

function Tab({ to, children }: { to: "/history" | "/batches" | "/files"; children: string }) {
  return (
    <Link
      to={to}
      activeOptions={{ exact: true, includeSearch: false }}
      className={tabClass}
      activeProps={tabOpen}
      inactiveProps={tabClosed}
    >
      {children}
    </Link>
  );
}

/** Something has not come; in few words, where it would have stood. */
export function Away({ error, onRetry }: { error: unknown; onRetry: () => void }) {
  return (
    <p role="status" className="card flex flex-wrap items-center gap-3 px-4 py-3 text-sm text-soft">
      <span className="me-auto">{mayComeBack(error) ? recordText.away : problemText(error)}</span>
      <Button small onClick={onRetry}>
        {text.tryAgain}
      </Button>
    </p>
  );
}

type Question<T> = {
  data: T | undefined;
  error: unknown;
  refetch: () => unknown;
  /** Said at the list's end. */
  isFetchNextPageError?: boolean;
};

/** What a page shows that has asked for one thing: the thing, that it comes, or why it does not. */
export function Asked<T>({
  question: { data, error, refetch, isFetchNextPageError },
  rows = 3,
  children,
}: {
  question: Question<T>;
  rows?: number;
  children: (data: T) => ReactNode;
}) {
  if (data !== undefined) {
    return (
      <>
        {error && !isFetchNextPageError && (
          <div className="mb-3">
            <Away error={error} onRetry={() => void refetch()} />
          </div>
        )}
        {children(data)}
      </>
    );
  }
  if (!error) return <Placeholder label={text.loading} rows={rows} />;
  return (
    <Message heading={text.problem.heading} body={mayComeBack(error) ? recordText.away : problemText(error)}>
      <Button look="main" onClick={() => void refetch()}>
        {text.tryAgain}
      </Button>
    </Message>
  );
}

/** The end of a list: the next page on demand, in a place that stays as high. */
export function More({
  hasMore,
  isLoading,
  isFailed,
  onMore,
}: {
  hasMore: boolean;
  isLoading: boolean;
  isFailed: boolean;
  onMore: () => void;
}) {
  return (
    <div className="mt-6 grid min-h-11 place-items-center gap-2 text-sm text-soft">
      {isFailed && <p role="alert">{recordText.away}</p>}
      {hasMore ? (
        <Button onClick={onMore} disabled={isLoading}>
          {text.history.more}
        </Button>
      ) : (
        <p>{recordText.end}</p>
      )}
    </div>
  );
}
