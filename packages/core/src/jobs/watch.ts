import { setTimeout as delay } from "node:timers/promises";
import type { JobEvent, JobStatus } from "@t2m/contract/jobs";
import { listEvents } from "./events.ts";
import { findJob } from "./get.ts";
import type { JobItem, JobKey } from "./items.ts";
import { jobPercent } from "./percent.ts";
import { hasEnded } from "./transitions.ts";

export type JobUpdate =
  | { type: "event"; event: JobEvent }
  | { type: "progress"; progress: { percent: number; status: JobStatus } };

const pollMs = 700;
const eventsAtOnce = 100;

/**
 * A job as it goes on: every event after `after`, in order and once, and between them the percentage whenever it
 * has changed. Ends when the job has ended and all is said, when it is gone, or when `signal` aborts. One read of
 * one item each 700 ms; events are only asked for when the job's version says that there are some.
 * @param first the job as it was just read, and is not read again
 * @param after a sequence number; one that this job never had counts as 0
 */
export async function* watchJob(
  first: JobItem,
  { after, signal }: { after: number; signal: AbortSignal },
): AsyncGenerator<JobUpdate, void> {
  let last = after > first.version ? 0 : after;
  let shown = "";
  for (let job: JobItem | undefined = first; job && !signal.aborted; job = await next(first, signal)) {
    while (job.version > last) {
      const events: JobEvent[] = await listEvents(job, { after: last, limit: eventsAtOnce });
      for (const event of events) yield { type: "event", event };
      last = events.at(-1)?.sequence ?? job.version;
    }
    const progress = { percent: jobPercent(job), status: job.status };
    if (shown !== JSON.stringify(progress)) yield { type: "progress", progress };
    shown = JSON.stringify(progress);
    if (hasEnded(job.status)) return;
  }
}

async function next(key: JobKey, signal: AbortSignal): Promise<JobItem | undefined> {
  await delay(pollMs, undefined, { signal }).catch(() => undefined);
  return signal.aborted ? undefined : await findJob(key);
}
