import { Link } from "@tanstack/react-router";
import { type ReactNode, useEffect, useRef } from "react";
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
    <Tabs
      label={label}
      pages={[
        ["/history", jobs],
        ["/batches", batches],
        ["/files", files],
      ]}
    />
  );
}

type Address = "/history" | "/batches" | "/files" | "/admin" | "/admin/users" | "/admin/jobs";

/** Links between pages that belong together. */
export function Tabs({
  label,
  pages,
}: {
  label: string;
  pages: readonly (readonly [address: Address, name: string])[];
}) {
  return (
    <nav aria-label={label} className="mb-5 flex flex-wrap gap-x-1 border-b border-line">
      {pages.map(([address, name]) => (
        <Link
          key={address}
          to={address}
          activeOptions={{ exact: true, includeSearch: false }}
          className="-mb-px flex min-h-11 items-center border-b-2 px-2 sm:px-3"
          activeProps={{ className: "border-accent font-semibold text-accent", "aria-current": "page" }}
          inactiveProps={{ className: "border-transparent hover:bg-sunken" }}
        >
          {name}
        </Link>
      ))}
    </nav>
  );
}

const againMs = 5_000;

/** Asks again now and then, as long as something is away that may come back. */
function useAgain(isAway: boolean, ask: () => unknown): void {
  const latest = useRef(ask);
  useEffect(() => {
    latest.current = ask;
  });
  useEffect(() => {
    if (!isAway) return;
    const timer = setInterval(() => void latest.current(), againMs);
    return () => clearInterval(timer);
  }, [isAway]);
}

type Question<T> = {
  data: T | undefined;
  error: unknown;
  /** Also counts while it is asked again, when there is no error for the moment. */
  errorUpdateCount: number;
  refetch: () => unknown;
  /** Said at the list's end. */
  isFetchNextPageError?: boolean;
};

/**
 * What a page shows that has asked for one thing: the thing, that it comes, or why it does not. `isPart`: there is more
 * on the page, so a line is enough to say that this is away.
 */
export function Asked<T>({
  question: { data, error, errorUpdateCount, refetch, isFetchNextPageError },
  rows = 3,
  isPart = false,
  children,
}: {
  question: Question<T>;
  rows?: number;
  isPart?: boolean;
  children: (data: T) => ReactNode;
}) {
  const isMissing = data === undefined && errorUpdateCount > 0;
  const isStale = data !== undefined && Boolean(error) && !isFetchNextPageError;
  const isRefusal = Boolean(error) && !mayComeBack(error);
  useAgain((isMissing || isStale) && !isRefusal, refetch);
  const why = isRefusal ? problemText(error) : recordText.away;
  const again = () => void refetch();
  if (data !== undefined) {
    return (
      <>
        {isStale && <Away why={why} onRetry={again} />}
        {children(data)}
      </>
    );
  }
  if (!isMissing) return <Placeholder label={text.loading} rows={rows} />;
  if (isPart) return <Away why={why} onRetry={again} />;
  return (
    <Message heading={text.problem.heading} body={why}>
      <Button look="main" onClick={again}>
        {text.tryAgain}
      </Button>
    </Message>
  );
}

function Away({ why, onRetry }: { why: string; onRetry: () => void }) {
  return (
    <p role="status" className="card mb-3 flex flex-wrap items-center gap-3 px-4 py-3 text-sm text-soft">
      <span className="me-auto">{why}</span>
      <Button small onClick={onRetry}>
        {text.tryAgain}
      </Button>
    </p>
  );
}

type List = {
  hasNextPage: boolean;
  isFetchingNextPage: boolean;
  isFetchNextPageError: boolean;
  fetchNextPage: () => unknown;
};

/** The end of a list: the next page on demand, in a place that stays as high. */
export function More({ list }: { list: List }) {
  return (
    <div className="mt-6 grid min-h-11 place-items-center gap-2 text-sm text-soft">
      {list.isFetchNextPageError && <p role="alert">{recordText.away}</p>}
      {list.hasNextPage ? (
        <Button onClick={() => void list.fetchNextPage()} disabled={list.isFetchingNextPage}>
          {text.history.more}
        </Button>
      ) : (
        <p>{recordText.end}</p>
      )}
    </div>
  );
}
