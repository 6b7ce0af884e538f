import { jobStatuses } from "@t2m/contract/job-status";
import { jobDueAt, lookAtMs, orderPatienceSeconds } from "@t2m/core/jobs/due";
import { stepStatuses } from "@t2m/core/jobs/items";
import { jobPercent } from "@t2m/core/jobs/percent";
import { retryDelayMs } from "@t2m/core/jobs/retry";
import {
  assertJobMove,
  assertStepMove,
  IllegalTransition,
  jobMoves,
  stepMoves,
} from "@t2m/core/jobs/transitions";
import { expect, test } from "vitest";

test("[V2.3] what has ended never changes, and every other move is in the table or refused", () => {
  for (const from of jobStatuses) {
    for (const to of jobStatuses) {
      const move = () => assertJobMove(from, to);
      if (jobMoves[from].includes(to)) expect(move).not.toThrow();
      else expect(move).toThrow(IllegalTransition);
    }
  }
  for (const from of stepStatuses) {
    for (const to of stepStatuses) {
      if (!stepMoves[from].includes(to)) expect(() => assertStepMove(from, to)).toThrow(IllegalTransition);
    }
  }
  expect(() => assertJobMove("completed", "running")).toThrow(IllegalTransition);
  expect(() => assertJobMove("cancelled", "queued")).toThrow(IllegalTransition);
  expect(() => assertJobMove("waiting", "completed")).toThrow(IllegalTransition);
});

const lease = { token: "t", until: 0, percent: 50, share: 60 };

test("[C2.3] a job reads 100 % when it is completed and never before", () => {
  const running = { status: "running", percent: 0, doneShare: 40, leases: {} } as const;
  expect(jobPercent(running)).toBe(40);
  expect(jobPercent({ ...running, leases: { convert: lease } })).toBe(70);
  expect(jobPercent({ ...running, leases: { convert: { ...lease, percent: 100 } } })).toBe(99);
  expect(jobPercent({ ...running, status: "completed", doneShare: 0 })).toBe(100);
});

test("[C2.2] the percentage does not fall when a step begins again", () => {
  expect(jobPercent({ status: "running", percent: 63.2, doneShare: 0, leases: { convert: lease } })).toBe(
    63.2,
  );
});

const base = {
  pk: "",
  sk: "",
  entity: "step",
  userId: "u",
  jobId: "j",
  step: "convert",
  attempt: 0,
  share: 100,
  optional: false,
  expiresAt: 9_000_000,
} as const;
const job = {
  status: "running",
  expiresAt: 9_000_000,
  createdAt: new Date(0).toISOString(),
  leases: {},
} as const;

test("a job is looked at when its earliest lease ends, retry is due or order is overdue; ended ones at expiry", () => {
  const running = { ...base, status: "running", runAt: 0 } as const;
  const delayed = { ...base, step: "b:1", status: "queued", runAt: 50_000 } as const;
  const ordered = { ...base, step: "c:1", status: "queued", runAt: 0, orderedAt: 0 } as const;
  const leases = { convert: { ...lease, until: 20_000 } };
  expect(jobDueAt({ ...job, leases }, [running, delayed, ordered], 0)).toBe(20);
  expect(jobDueAt(job, [delayed, ordered], 0)).toBe(50);
  expect(jobDueAt(job, [ordered], 0)).toBe(orderPatienceSeconds);
  expect(jobDueAt({ ...job, status: "completed" }, [running], 0)).toBe(9_000_000 + 3600);
  expect(jobDueAt(job, [], 5_000)).toBe(5);
});

test("a step that stands in line for long is ordered again ever more rarely", () => {
  const step = { ...base, status: "queued", runAt: 0, orderedAt: 900_000 } as const;
  expect(lookAtMs({ leases: {} }, step, 0)).toBe(1_800_000);
});

test("the first retry is at once, later ones wait exponentially with jitter", () => {
  expect(retryDelayMs(1)).toBe(0);
  expect(retryDelayMs(2, 0)).toBe(15_000);
  expect(retryDelayMs(2, 1)).toBe(45_000);
  expect(retryDelayMs(3, 0.5)).toBe(60_000);
});
