import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { useDeferredValue, useEffect, useId } from "react";
import { Queries } from "../app/queries.tsx";
import { useTitle } from "../app/use-title.ts";
import { daysAgo, dayText } from "../lib/format.ts";
import { problemText } from "../lib/problem.ts";
import { text } from "../text.ts";
import { Button } from "../ui/button.tsx";
import { Message, Placeholder, Problem } from "../ui/message.tsx";
import { type Filter, groupedByDay, isNarrow, kinds, narrowed, stateNames } from "./filter.ts";
import { HistoryRow } from "./history-row.tsx";
import { useHistory } from "./use-history.ts";

/** Everything of one's own, newest first. */
export function HistoryPage() {
  return (
    <Queries>
      <HistoryContent />
    </Queries>
  );
}

function HistoryContent() {
  useTitle(text.history.heading);
  const filter = useSearch({ from: "/history" });
  return (
    <>
      <h1 className="mb-5 text-2xl font-bold tracking-tight sm:text-3xl">{text.history.heading}</h1>
      <Narrowing filter={filter} />
      <Listed filter={filter} />
    </>
  );
}

function Narrowing({ filter }: { filter: Filter }) {
  const navigate = useNavigate({ from: "/history" });
  const [searchId, stateId, kindId] = [useId(), useId(), useId()];
  const change = (changes: Filter) => void navigate({ search: { ...filter, ...changes }, replace: true });
  return (
    <search className="mb-6 grid gap-3 sm:grid-cols-[1fr_auto_auto]">
      <div className="grid gap-1">
        <label htmlFor={searchId} className="text-sm font-medium">
          {text.history.search}
        </label>
        <input
          id={searchId}
          type="search"
          className="field w-full"
          value={filter.q ?? ""}
          onChange={({ target }) => change({ q: target.value })}
        />
      </div>
      <div className="grid gap-1">
        <label htmlFor={stateId} className="text-sm font-medium">
          {text.history.state}
        </label>
        <select
          id={stateId}
          className="field"
          value={filter.state ?? ""}
          onChange={({ target }) => change({ state: target.value })}
        >
          <option value="">{text.history.allStates}</option>
          {Object.entries(stateNames).map(([state, name]) => (
            <option key={state} value={state}>
              {name}
            </option>
          ))}
        </select>
      </div>
      <div className="grid gap-1">
        <label htmlFor={kindId} className="text-sm font-medium">
          {text.history.kind}
        </label>
        <select
          id={kindId}
          className="field"
          value={filter.kind ?? ""}
          onChange={({ target }) => change({ kind: target.value })}
        >
          <option value="">{text.history.allKinds}</option>
          {kinds.map((kind) => (
            <option key={kind} value={kind}>
              {text.kinds[kind]}
            </option>
          ))}
        </select>
      </div>
    </search>
  );
}

function Listed({ filter }: { filter: Filter }) {
  const navigate = useNavigate({ from: "/history" });
  const { jobs, isLoading, error, hasMore, isLoadingMore, loadMore, refetch } = useHistory();
  const wanted = useDeferredValue(filter);
  const shown = narrowed(jobs, wanted);
  const isSearching = isNarrow(wanted);
  // A search looks through everything, not only through what has been shown.
  useEffect(() => {
    if (isSearching && hasMore && !isLoadingMore) loadMore();
  }, [isSearching, hasMore, isLoadingMore, loadMore]);

  if (isLoading) return <Placeholder label={text.loading} rows={4} />;
  if (error && jobs.length === 0) {
    return (
      <Message heading={text.problem.heading} body={problemText(error)}>
        <Button look="main" onClick={refetch}>
          {text.tryAgain}
        </Button>
      </Message>
    );
  }
  if (jobs.length === 0) {
    return (
      <Message heading={text.history.empty} body={text.history.emptyBody}>
        <Link to="/" className="button button-main">
          {text.notFound.home}
        </Link>
      </Message>
    );
  }
  return (
    <>
      {error && <Problem>{problemText(error)}</Problem>}
      <p role="status" className="text-sm text-soft">
        {text.history.count(shown.length)}
      </p>
      {shown.length === 0 && !isLoadingMore && (
        <Message heading={text.history.noMatch} body={text.history.noMatchBody}>
          <Button onClick={() => void navigate({ search: {}, replace: true })}>{text.history.reset}</Button>
        </Message>
      )}
      {groupedByDay(shown).map(([day, group]) => (
        <section key={day} className="mt-5">
          <h2 className="mb-2 text-sm font-semibold text-soft">{dayHeading(group[0]?.createdAt)}</h2>
          <ul aria-label={text.history.list} className="card divide-y divide-line">
            {group.map((job) => (
              <HistoryRow key={job.id} job={job} />
            ))}
          </ul>
        </section>
      ))}
      {hasMore && (
        <div className="mt-6 text-center">
          <Button onClick={loadMore} disabled={isLoadingMore}>
            {text.history.more}
          </Button>
        </div>
      )}
    </>
  );
}

function dayHeading(iso = ""): string {
  const ago = daysAgo(iso);
  if (ago === 0) return text.history.today;
  return ago === 1 ? text.history.yesterday : dayText(iso);
}
