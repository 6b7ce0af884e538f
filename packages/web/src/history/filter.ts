import type { PastJob } from "@t2m/contract/history";
import type { Job } from "@t2m/contract/jobs";
import { maximumSearchLength } from "@t2m/contract/limits";
import { presets } from "@t2m/contract/presets";
import { daysAgo } from "../lib/format.ts";
import { isFinal } from "../rows/jobs.ts";
import { text } from "../text.ts";

export type Filter = { q?: string; state?: string; kind?: string };

export const kinds = ["audio", "video", "image"] as const;

/** What can be chosen, and what the record calls it. */
export const states = {
  moving: "open",
  completed: "completed",
  failed: "failed",
  cancelled: "cancelled",
} as const;

export const stateNames: Readonly<Record<keyof typeof states, string>> = {
  moving: text.history.moving,
  completed: text.statuses.completed,
  failed: text.statuses.failed,
  cancelled: text.statuses.cancelled,
};

export const isNarrow = ({ q, state, kind }: Filter) => Boolean(q || state || kind);

const isState = (state = ""): state is keyof typeof states => Object.hasOwn(states, state);

/** A filter as the record is asked; what stands in an address and means nothing is left out. */
export function questionOf({ q, state, kind }: Filter) {
  const search = searchWords(q);
  const media = kinds.find((known) => known === kind);
  return {
    ...(search && { search }),
    ...(isState(state) && { status: states[state] }),
    ...(media && { media }),
  };
}

export const searchWords = (q = "") =>
  q
    .replace(/\p{Cc}/gu, " ")
    .trim()
    .slice(0, maximumSearchLength);

export function narrowed(jobs: readonly PastJob[], filter: Filter): PastJob[] {
  const { search = "", status, media } = questionOf(filter);
  const name = search.toLocaleLowerCase();
  return jobs.filter(
    (job) =>
      job.sourceName.toLocaleLowerCase().includes(name) &&
      (!status || (status === "open" ? !isFinal(job) : job.status === status)) &&
      (!media || (job.conversion && presets[job.conversion.preset].kind === media)),
  );
}

/** A live job in the form of the record's. */
export const asPast = ({ version: _, cancelRequested: __, ...job }: Job): PastJob => ({
  kind: "conversion",
  priority: "normal",
  ...job,
});

/** What the record has, and what is so new that it has not heard of it yet. Ids sort by time. */
export function withNewer(past: readonly PastJob[], live: readonly PastJob[], hasMore: boolean): PastJob[] {
  const known = new Set(past.map(({ id }) => id));
  const oldest = hasMore ? (past.at(-1)?.id ?? "") : "";
  const newer = live.filter(({ id }) => !known.has(id) && id > oldest);
  if (newer.length === 0) return [...past];
  return [...past, ...newer].sort((one, other) => (one.id < other.id ? 1 : -1));
}

/** In the order given; the key is how many midnights ago. */
export function groupedByDay(jobs: readonly PastJob[]): [number, PastJob[]][] {
  return [...Map.groupBy(jobs, ({ createdAt }) => daysAgo(createdAt))];
}
