import type { Job, JobEvent } from "@t2m/contract/jobs";
import { timeText } from "../lib/format.ts";
import { text } from "../text.ts";

type Entry = Pick<JobEvent, "type" | "at" | "attempt" | "failure">;

const endings = {
  completed: "job.completed",
  failed: "job.failed",
  cancelled: "job.cancelled",
} as const satisfies Partial<Record<Job["status"], JobEvent["type"]>>;

/** What happened in order: as the stream has told it, and where it has not, as far as the job itself knows. */
function entriesOf({ status, createdAt, startedAt, finishedAt }: Job, events: readonly JobEvent[]): Entry[] {
  const ending = Object.entries(endings).find(([end]) => end === status)?.[1];
  const told = new Set(events.map(({ type }) => type));
  const untold = (type: Entry["type"] | undefined, at: string | undefined): Entry[] =>
    type && at && !told.has(type) ? [{ type, at }] : [];
  return [
    ...untold("job.created", createdAt),
    ...untold("step.started", startedAt),
    ...events,
    ...untold(ending, finishedAt),
  ].sort((one, other) => one.at.localeCompare(other.at));
}

/** A job's life so far, in order. */
export function Timeline({ job, events }: { job: Job; events: readonly JobEvent[] }) {
  return (
    <ol aria-label={text.job.timeline} className="border-s-2 border-line ps-5">
      {entriesOf(job, events).map((entry, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: it only ever grows at its end
        <li key={index} className="relative pb-4 last:pb-0">
          <span
            className={`absolute -start-[1.7rem] top-1.5 size-3 rounded-full border-2 border-paper ${tone(entry)}`}
          />
          <p className="font-medium">
            {text.events[entry.type]}
            {(entry.attempt ?? 1) > 1 && (
              <span className="font-normal text-soft">, {text.job.attempt(entry.attempt ?? 1)}</span>
            )}
          </p>
          <p className="text-sm text-soft tabular-nums">
            <time dateTime={entry.at}>{timeText(entry.at)}</time>
            {/* The job's own end would only say it once more. */}
            {entry.failure && entry.type.startsWith("step.") && ` · ${entry.failure.message}`}
          </p>
        </li>
      ))}
    </ol>
  );
}

function tone({ type }: Entry): string {
  if (type.endsWith("failed")) return "bg-bad";
  if (type === "job.completed") return "bg-good";
  return "bg-accent";
}
