import { type SQL, sql } from "drizzle-orm";
import { changeRecord, type Transaction } from "../database/access.ts";
import { joinEarlyEvents } from "./early-events.ts";

/**
 * How long what is kept, in days. The stream remembers for one day, so what is deleted or waits must stay for longer,
 * or a record given again would bring it back.
 */
export const retentionDays = {
  deletedJobs: 3,
  earlyEvents: 3,
  /** The events of a job; its row stays. */
  jobEvents: 90,
  /** The history of each kind of job, and of files. */
  jobs: { conversion: 730 } as Readonly<Record<string, number>>,
  otherJobs: 730,
  removedSources: 730,
  endedSessions: 30,
  endedShareLinks: 30,
  refusedRecords: 90,
  activity: 400,
} as const;

export type RetentionCounts = {
  jobsDeleted: number;
  jobsArchived: number;
  jobsRetired: number;
  filesRetired: number;
  sessionsRetired: number;
  shareLinksRetired: number;
  activitiesRetired: number;
  refusalsRetired: number;
  earlyEventsJoined: number;
  earlyEventsDropped: number;
  /** Whether time was up before all was done; the next run goes on. */
  isComplete: boolean;
};

type Counter = Exclude<keyof RetentionCounts, "isComplete">;
/** Does its work for at most `rows` rows and gives how many there were. */
type Rule = { counter: Counter; run: (tx: Transaction, rows: number) => Promise<number> };

const usualRows = 500;

/**
 * Removes what was kept long enough, a few hundred rows a transaction, until all is done or `until` (epoch
 * milliseconds) is reached. Each transaction stands for itself, so a run that breaks off has lost nothing.
 */
export async function retire({
  until,
  rows = usualRows,
}: {
  until: number;
  rows?: number;
}): Promise<RetentionCounts> {
  const counts: RetentionCounts = {
    jobsDeleted: 0,
    jobsArchived: 0,
    jobsRetired: 0,
    filesRetired: 0,
    sessionsRetired: 0,
    shareLinksRetired: 0,
    activitiesRetired: 0,
    refusalsRetired: 0,
    earlyEventsJoined: 0,
    earlyEventsDropped: 0,
    isComplete: false,
  };
  for (const { counter, run } of rules) {
    for (let done = rows; done === rows; ) {
      if (Date.now() >= until) return counts;
      done = await changeRecord((tx) => run(tx, rows));
      counts[counter] += done;
    }
  }
  return { ...counts, isComplete: true };
}

const before = (days: number) => sql`now() - make_interval(days => ${days}::int)`;

type Deletion = { table: string; key: string /** The time that its age is counted from. */; since: string };

/** Deletes the oldest rows of a table, of those that `only` names. */
function deleting(
  counter: Counter,
  { table, key, since }: Deletion,
  days: number,
  only: SQL = sql`true`,
): Rule {
  const [name, id, time] = [table, key, since].map((word) => sql.identifier(word));
  return {
    counter,
    run: async (tx, rows) => {
      const deleted = await tx.execute(sql`
        delete from ${name} where ${id} in (
          select ${id} from ${name} where ${time} < ${before(days)} and ${only} order by ${time} limit ${rows}
        ) returning 1`);
      return deleted.length;
    },
  };
}

const { jobs: daysOfKind, otherJobs } = retentionDays;
const kinds = Object.keys(daysOfKind);
const endedJobs = { table: "jobs", key: "id", since: "finished_at" };
const removedJobs = { table: "jobs", key: "id", since: "removed_at" };
const removedFiles = { table: "file_metadata", key: "id", since: "removed_at" };

const rules: readonly Rule[] = [
  { counter: "earlyEventsJoined", run: async (tx) => await joinEarlyEvents(tx) },
  {
    counter: "earlyEventsDropped",
    run: async (tx, rows) => {
      const dropped = await tx.execute(sql`
        delete from early_events where (job_id, sequence) in (
          select job_id, sequence from early_events where seen_at < ${before(retentionDays.earlyEvents)}
          limit ${rows}
        ) returning 1`);
      return dropped.length;
    },
  },
  deleting("jobsDeleted", removedJobs, retentionDays.deletedJobs, sql`removal = 'deleted'`),
  {
    counter: "jobsArchived",
    run: async (tx, rows) => {
      const archived = await tx.execute(sql`
        with old as (
          select id from jobs
          where finished_at < ${before(retentionDays.jobEvents)} and archived_at is null
          order by finished_at limit ${rows} for update skip locked
        ), dropped as (delete from job_events using old where job_id = old.id)
        update jobs set archived_at = now() from old where jobs.id = old.id returning 1`);
      return archived.length;
    },
  },
  ...kinds.map((kind) =>
    deleting("jobsRetired", endedJobs, daysOfKind[kind] ?? otherJobs, sql`kind = ${kind}`),
  ),
  deleting("jobsRetired", endedJobs, otherJobs, sql`kind not in ${kinds}`),
  // Outputs go with their jobs.
  deleting("filesRetired", removedFiles, retentionDays.removedSources, sql`job_id is null`),
  deleting(
    "sessionsRetired",
    { table: "sessions", key: "id", since: "expires_at" },
    retentionDays.endedSessions,
  ),
  deleting(
    "shareLinksRetired",
    { table: "share_links", key: "id", since: "expires_at" },
    retentionDays.endedShareLinks,
  ),
  deleting("activitiesRetired", { table: "activity_log", key: "id", since: "at" }, retentionDays.activity),
  deleting(
    "refusalsRetired",
    { table: "refused_records", key: "event_id", since: "refused_at" },
    retentionDays.refusedRecords,
  ),
];
