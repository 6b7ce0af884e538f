import { finalStatuses, type Job } from "@t2m/contract/jobs";
import { isNotFound } from "../lib/problem.ts";
import { createStore, type Store } from "../lib/store.ts";
import { client } from "../session/client.ts";
import { session } from "../session/session.ts";

/** What is known of a job; `isGone` when it was deleted or has expired. */
export type Known = { job?: Job; isGone?: true };

const stores = new Map<string, Store<Known>>();
const watchers = new Map<string, number>();
const endings = new Set<(job: Job) => void>();

/** Counts the changes that lists of jobs cannot know of: made, cancelled and deleted here. */
export const jobChanges = createStore(0);

const everyMs = 1_000;
const unseenEveryMs = 4_000;
/** Up to so many jobs are asked for one by one; more are found on the list's first page. */
const mostSingly = 3;
const listed = 100;
let running = false;

export function jobStore(id: string): Store<Known> {
  const known = stores.get(id) ?? createStore<Known>({});
  stores.set(id, known);
  return known;
}

export const isFinal = ({ status }: Pick<Job, "status">) => finalStatuses.includes(status);

/** Takes a job as the service has just told it; what is older than what is known is left out. */
export function putJob(job: Job): void {
  const store = jobStore(job.id);
  const before = store.get().job;
  if (before && (before.version > job.version || (isFinal(before) && before.version === job.version))) return;
  if (before?.version === job.version && before.percent === job.percent) return;
  store.set({ job });
  if (isFinal(job) && before && !isFinal(before)) for (const tell of endings) tell(job);
}

/** A job is no longer there; what was known of it still says what it was. */
export const jobGone = (id: string): void => jobStore(id).update((known) => ({ ...known, isGone: true }));

/** Whether there is nothing more to wait for. */
export const hasEnded = ({ job, isGone }: Known): boolean =>
  isGone === true || (job !== undefined && isFinal(job));

/** Calls back when a job that was seen under way has ended. */
export const onEnded = (tell: (job: Job) => void): void => void endings.add(tell);

/** Keeps a job's store up to date until it has ended or nobody watches any more. */
export function watchJob(id: string): () => void {
  watchers.set(id, (watchers.get(id) ?? 0) + 1);
  if (!running) void run();
  let held = true;
  return () => {
    if (!held) return;
    held = false;
    const left = (watchers.get(id) ?? 1) - 1;
    if (left > 0) watchers.set(id, left);
    else watchers.delete(id);
  };
}

function open(): string[] {
  return [...watchers.keys()].filter((id) => !hasEnded(jobStore(id).get()));
}

/** Asks as long as something is open, and is quick only where somebody looks. Failures only slow it down. */
async function run(): Promise<void> {
  running = true;
  // Whoever comes in the same moment is asked for with the first.
  await Promise.resolve();
  let failures = 0;
  while (open().length > 0 && session.get().status === "signed-in") {
    try {
      await refresh(open());
      failures = 0;
    } catch {
      failures++;
    }
    const pace = document.hidden ? unseenEveryMs : everyMs;
    await new Promise((resolve) => setTimeout(resolve, pace * 2 ** Math.min(failures, 3)));
  }
  running = false;
}

async function refresh(ids: readonly string[]): Promise<void> {
  const missing = new Set(ids);
  if (ids.length > mostSingly) {
    const { items } = await client.listJobs({ query: { limit: listed } });
    for (const job of items) {
      if (watchers.has(job.id)) putJob(job);
      missing.delete(job.id);
    }
  }
  // The rest is older than the list's first page, or gone: a few in a turn.
  const singly = [...missing].sort(() => Math.random() - 0.5).slice(0, mostSingly);
  await Promise.all(singly.map(refreshOne));
}

async function refreshOne(jobId: string): Promise<void> {
  try {
    putJob(await client.getJob({ params: { jobId } }));
  } catch (error) {
    if (!isNotFound(error)) throw error;
    jobGone(jobId);
  }
}
