import type { Failure } from "@t2m/contract/jobs";
import { jobItemKey, stepItemKey } from "../live/keys.ts";
import { ConditionFailed, updateItem } from "../live/table.ts";
import { findUpload } from "../uploads/item.ts";
import { cancelChange } from "./cancel.ts";
import { changeJob, readState } from "./change.ts";
import { exhausted } from "./claim.ts";
import { jobDueAt, lookAtMs } from "./due.ts";
import { isOpen } from "./graph.ts";
import type { JobItem, JobKey, StepItem } from "./items.ts";
import { putOrder } from "./orders.ts";
import { queueJob } from "./queue.ts";
import { maximumAttempts } from "./retry.ts";
import { type Change, endAttempt, endEvents, ended, type Outcome, type State } from "./state.ts";
import { hasEnded } from "./transitions.ts";

export type Help =
  /** Its upload was completed unnoticed. */
  | "queued"
  /** A step was taken from a worker that died. */
  | "revived"
  /** An order was put again, or at last. */
  | "ordered"
  | "cancelled"
  | "failed"
  /** Nothing was wrong; it is looked at again later. */
  | "postponed";

/** Does what a due job needs, and settles when to look next. Gives the most that was done. */
export async function sweepJob(job: JobItem): Promise<Help> {
  if (job.status === "waiting") return await helpWaiting(job);
  const helped = await helpStranded(job);
  const state = await readState(job);
  if (!state) return helped ?? "postponed";
  const ordered = await putOverdueOrders(state);
  await settleNextLook(job);
  return helped ?? (ordered > 0 ? "ordered" : "postponed");
}

/** The upload may have been completed without anybody telling the job, or be gone. */
async function helpWaiting(job: JobItem): Promise<Help> {
  const upload = await findUpload(job);
  if (upload?.status === "completed") {
    await queueJob(job);
    return "queued";
  }
  if (upload?.status === "open") {
    await settleNextLook(job);
    return "postponed";
  }
  const message = "The upload was given up or has expired before it was complete.";
  await changeJob(job, ({ job: now }, nowMs) => {
    if (now.status !== "waiting") return { answer: undefined };
    return { change: failed(now, { code: "upload.gone", message }, nowMs), answer: undefined };
  });
  return "failed";
}

/** Cancelled jobs whose workers are dead are ended; steps whose leases ran out are queued again, or fail. */
async function helpStranded(key: JobKey): Promise<Help | undefined> {
  let helped: Help | undefined;
  for (;;) {
    const help = await changeJob<Help | undefined>(key, (state, nowMs) => {
      const change = strandedChange(state, nowMs);
      if (!change) return { answer: undefined };
      const { status } = change.job;
      return { change, answer: status === "cancelled" || status === "failed" ? status : "revived" };
    });
    if (!help) return helped;
    helped = help;
  }
}

/** What is to be done about one step, or the job, that nobody works on though somebody should. Pure. */
export function strandedChange(state: State, nowMs: number): Change | undefined {
  const { job, steps } = state;
  if (hasEnded(job.status)) return undefined;
  if (job.cancelRequested) return cancelChange(job, nowMs);
  if (!steps.some(isOpen)) {
    return failed(job, { code: "job.stalled", message: "It could not go on. Start it again." }, nowMs);
  }
  const lost = steps.find((step) => step.status === "running" && lookAtMs(job, step, nowMs) <= nowMs);
  return lost && endAttempt(state, lost, outcomeOf(lost), nowMs);
}

function outcomeOf(lost: StepItem): Outcome {
  if (lost.attempt >= maximumAttempts) return exhausted(lost);
  const message = "The worker stopped answering; another takes over.";
  return { type: "failed", failure: { code: "step.lease_lost", message }, retryable: true };
}

function failed(job: JobItem, failure: Failure, nowMs: number): Change {
  const after: JobItem = { ...ended(job, nowMs), status: "failed", failure };
  return { job: after, steps: [], events: endEvents(after) };
}

async function putOverdueOrders({ job, steps }: State): Promise<number> {
  if (hasEnded(job.status)) return 0;
  const nowMs = Date.now();
  const overdue = steps.filter((step) => step.status === "queued" && lookAtMs(job, step, nowMs) <= nowMs);
  for (const step of overdue) {
    await putOrder(step);
    await unlessChanged(
      updateItem(
        stepItemKey(step.userId, step.jobId, step.step),
        { expression: "SET orderedAt = :now", values: { ":now": nowMs } },
        {
          expression: "#status = :queued AND attempt = :attempt",
          names: { "#status": "status" },
          values: { ":queued": "queued", ":attempt": step.attempt },
        },
        { repeatable: true },
      ),
    );
  }
  return overdue.length;
}

/** Not a change of the job's state: whoever changes that at the same time knows better when to look. */
async function settleNextLook(key: JobKey): Promise<void> {
  const state = await readState(key);
  if (!state) return;
  await unlessChanged(
    updateItem(
      jobItemKey(key.userId, key.jobId),
      {
        expression: "SET dueAt = :dueAt",
        values: { ":dueAt": jobDueAt(state.job, state.steps, Date.now()) },
      },
      { expression: "version = :version", values: { ":version": state.job.version } },
      { repeatable: true },
    ),
  );
}

async function unlessChanged(write: Promise<unknown>): Promise<void> {
  try {
    await write;
  } catch (error) {
    if (!(error instanceof ConditionFailed)) throw error;
  }
}
