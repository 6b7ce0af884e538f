import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { useMemo } from "react";
import { Queries } from "../app/queries.tsx";
import { useTitle } from "../app/use-title.ts";
import { daysAgo, dayText } from "../lib/format.ts";
import { More, RecordTabs } from "../record/parts.tsx";
import { useSettled } from "../record/settled.ts";
import { config } from "../session/config.ts";
import { text } from "../text.ts";
import { recordText } from "../text-record.ts";
import { Button } from "../ui/button.tsx";
import { SearchField, SelectField } from "../ui/fields.tsx";
import { Message, Placeholder } from "../ui/message.tsx";
import { type Filter, groupedByDay, isNarrow, kinds, stateNames } from "./filter.ts";
import { PastRow } from "./past-row.tsx";
import { useHistory } from "./use-history.ts";

/** Everything of one's own, newest first, also what has long deleted itself. */
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
      <h1 className="mb-3 text-2xl font-bold tracking-tight sm:text-3xl">{text.history.heading}</h1>
      {config().hasRecord && <RecordTabs />}
      <Narrowing filter={filter} />
      <Listed filter={filter} />
    </>
  );
}

function Narrowing({ filter }: { filter: Filter }) {
  const navigate = useNavigate({ from: "/history" });
  const change = (changes: Filter) => void navigate({ search: { ...filter, ...changes }, replace: true });
  return (
    <search className="mb-6 grid gap-3 sm:grid-cols-[1fr_auto_auto]">
      <SearchField label={text.history.search} value={filter.q} onChange={(q) => change({ q })} />
      <SelectField
        label={text.history.state}
        value={filter.state ?? ""}
        choices={[["", text.history.allStates], ...Object.entries(stateNames)]}
        onChange={(state) => change({ state })}
      />
      <SelectField
        label={text.history.kind}
        value={filter.kind ?? ""}
        choices={[["", text.history.allKinds], ...kinds.map((kind) => [kind, text.kinds[kind]] as const)]}
        onChange={(kind) => change({ kind })}
      />
    </search>
  );
}

function Listed({ filter: { q, state, kind } }: { filter: Filter }) {
  const navigate = useNavigate({ from: "/history" });
  const words = useSettled(q);
  const wanted = useMemo(
    () => ({ ...(words && { q: words }), ...(state && { state }), ...(kind && { kind }) }),
    [words, state, kind],
  );
  const history = useHistory(wanted);
  const { jobs, isLoading, isNothing, isAway } = history;

  if (isLoading) return <Placeholder label={text.loading} rows={4} />;
  if (isNothing) {
    return (
      <Message heading={text.problem.heading} body={text.problem.unreachable}>
        <Button look="main" onClick={history.refetch}>
          {text.tryAgain}
        </Button>
      </Message>
    );
  }
  return (
    <>
      {isAway && (
        <p role="status" className="mb-3 rounded-lg bg-sunken px-3 py-2 text-sm">
          {recordText.history.away}
        </p>
      )}
      <p role="status" className="mb-3 min-h-5 text-sm text-soft">
        {jobs.length > 0 && countText(jobs.length, history.list.hasNextPage)}
      </p>
      {jobs.length === 0 && !isNarrow(wanted) && (
        <Message heading={text.history.empty} body={recordText.history.emptyBody}>
          <Link to="/" className="button button-main">
            {text.notFound.home}
          </Link>
        </Message>
      )}
      {jobs.length === 0 && isNarrow(wanted) && (
        <Message heading={text.history.noMatch} body={text.history.noMatchBody}>
          <Button onClick={() => void navigate({ search: {}, replace: true })}>{text.history.reset}</Button>
        </Message>
      )}
      {groupedByDay(jobs).map(([day, group]) => (
        <section key={day} className="mb-5">
          <h2 className="mb-2 text-sm font-semibold text-soft">{dayHeading(group[0]?.createdAt)}</h2>
          <ul aria-label={text.history.list} className="card divide-y divide-line">
            {group.map((job) => (
              <PastRow key={job.id} job={job} />
            ))}
          </ul>
        </section>
      ))}
      {(jobs.length > 0 || history.list.hasNextPage) && <More list={history.list} />}
    </>
  );
}

const countText = (count: number, hasMore: boolean) =>
  hasMore ? recordText.history.countAndMore(count) : text.history.count(count);

function dayHeading(iso = ""): string {
  const ago = daysAgo(iso);
  if (ago === 0) return text.history.today;
  return ago === 1 ? text.history.yesterday : dayText(iso);
}
