import type { Job } from "@t2m/contract/jobs";
import { presets } from "@t2m/contract/presets";
import { daysAgo } from "../lib/format.ts";
import { isFinal } from "../rows/jobs.ts";
import { text } from "../text.ts";

export type Filter = { q?: string; state?: string; kind?: string };

export const kinds = ["audio", "video", "image"] as const;

export const stateNames: Readonly<Record<string, string>> = {
  moving: text.history.moving,
  completed: text.statuses.completed,
  failed: text.statuses.failed,
  cancelled: text.statuses.cancelled,
};

export const isNarrow = ({ q, state, kind }: Filter) => Boolean(q || state || kind);

export function narrowed(jobs: readonly Job[], { q = "", state, kind }: Filter): Job[] {
  const name = q.trim().toLocaleLowerCase();
  return jobs.filter(
    (job) =>
      (name === "" || job.sourceName.toLocaleLowerCase().includes(name)) &&
      (!state || (state === "moving" ? !isFinal(job) : job.status === state)) &&
      (!kind || presets[job.conversion.preset].kind === kind),
  );
}

/** In the order given; the key is how many midnights ago. */
export function groupedByDay(jobs: readonly Job[]): [number, Job[]][] {
  return [...Map.groupBy(jobs, ({ createdAt }) => daysAgo(createdAt))];
}
