import { setTimeout as delay } from "node:timers/promises";
import { unavailable } from "../errors.ts";
import { eventItemKey, jobItemKey, stepPrefix } from "../live/keys.ts";
import { ConditionFailed, getItem, queryItems, transact, type Write } from "../live/table.ts";
import { jobDueAt } from "./due.ts";
import { JobItem, type JobKey, StepItem } from "./items.ts";
import { putOrders } from "./orders.ts";
import type { Change, State } from "./state.ts";
import { assertJobMove, assertStepMove } from "./transitions.ts";
import { jobUpdate } from "./update.ts";

/** How often a decision is made anew when somebody else was faster: many segments may end at once. */
const maximumTries = 12;

export type Decision<T> = { change?: Change; answer: T };

/**
 * Reads a job with its steps, lets `decide` say what shall change, and writes job, steps and events in one
 * transaction on the job's version; then puts the orders of the steps that may run. When somebody else changed
 * the job meanwhile, `decide` is asked again with what they left: it must be pure.
 * @returns `decide`'s answer, or undefined when there is no such job.
 * Throws `IllegalTransition` when the change is none the tables allow.
 */
export async function changeJob<T>(
  key: JobKey,
  decide: (state: State, nowMs: number) => Decision<T>,
): Promise<T | undefined> {
  for (let tries = 0; tries < maximumTries; tries++) {
    const state = await readState(key);
    if (!state) return undefined;
    const nowMs = Date.now();
    const { change, answer } = decide(state, nowMs);
    if (!change || (await written(state, change, nowMs))) return answer;
    await delay(Math.random() * Math.min(500, 10 * 2 ** tries));
  }
  throw unavailable(
    "job",
    new Error(`job ${key.jobId} was changed by others ${maximumTries} times in a row`),
  );
}

/** The job first: steps read after it are never older than its version says. */
export async function readState({ userId, jobId }: JobKey): Promise<State | undefined> {
  const found = await getItem(jobItemKey(userId, jobId));
  if (!found) return undefined;
  const job = JobItem.parse(found);
  const steps: StepItem[] = [];
  for (let after: string | undefined, more = true; more; more = after !== undefined) {
    const page = await queryItems({
      pk: job.pk,
      prefix: stepPrefix(jobId),
      limit: 1000,
      ...(after && { after }),
    });
    steps.push(...page.items.map((item) => StepItem.parse(item)));
    after = page.cursor;
  }
  return { job, steps };
}

async function written(state: State, change: Change, nowMs: number): Promise<boolean> {
  try {
    await transact(changeWrites(state, change, nowMs));
  } catch (error) {
    if (error instanceof ConditionFailed) return false;
    throw error;
  }
  if (change.ordersHeld) return true;
  await putOrders(change.steps.filter((step) => step.status === "queued" && step.orderedAt === nowMs));
  return true;
}

/** The writes that take `state` to `change`. Pure. Throws `IllegalTransition`. */
export function changeWrites(state: State, change: Change, nowMs: number): Write[] {
  const before = state.job;
  const known = new Map(state.steps.map((step) => [step.step, step]));
  assertJobMove(before.status, change.job.status);
  for (const step of change.steps) {
    const old = known.get(step.step);
    if (old) assertStepMove(old.status, step.status);
  }
  const changed = new Map(change.steps.map((step) => [step.step, step]));
  const steps = [...state.steps.filter((step) => !changed.has(step.step)), ...change.steps];
  const job = {
    ...change.job,
    version: before.version + change.events.length,
    dueAt: jobDueAt(change.job, steps, nowMs),
  };
  const { update, condition } = jobUpdate(before, job, nowMs);
  return [
    { update: jobItemKey(job.userId, job.jobId), with: update, condition },
    ...change.steps.map((item) => ({ put: item })),
    ...laterExpiry(before, job),
    ...change.events.map((event, index) => ({
      put: eventItem(job, event, before.version + index + 1, nowMs),
    })),
  ];
}

/** A job that lives longer takes its history along. */
function laterExpiry(before: JobItem, { userId, jobId, expiresAt }: JobItem): Write[] {
  if (expiresAt === before.expiresAt) return [];
  return Array.from({ length: before.version }, (_, index) => ({
    update: eventItemKey(userId, jobId, index + 1),
    with: { expression: "SET expiresAt = :expiresAt", values: { ":expiresAt": expiresAt } },
    condition: { expression: "attribute_exists(pk)" },
  }));
}

/** An event as the live table holds it. */
export function eventItem(job: JobItem, event: Change["events"][number], sequence: number, nowMs: number) {
  const { userId, jobId, expiresAt } = job;
  const at = new Date(nowMs).toISOString();
  return {
    ...eventItemKey(userId, jobId, sequence),
    entity: "event",
    userId,
    jobId,
    expiresAt,
    sequence,
    at,
    ...event,
  };
}
