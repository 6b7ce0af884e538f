import type { Failure } from "@t2m/contract/jobs";
import { cancelJob } from "@t2m/core/jobs/cancel";
import { changeWrites, readState } from "@t2m/core/jobs/change";
import { claimStep } from "@t2m/core/jobs/claim";
import { completeStep } from "@t2m/core/jobs/complete";
import { failStep } from "@t2m/core/jobs/fail";
import { getJob } from "@t2m/core/jobs/get";
import { renewLease } from "@t2m/core/jobs/heartbeat";
import type { JobKey } from "@t2m/core/jobs/items";
import { removeJob } from "@t2m/core/jobs/remove";
import { sweepDue } from "@t2m/core/jobs/sweep";
import { strandedChange } from "@t2m/core/jobs/sweep-job";
import { jobItemKey, uploadItemKey } from "@t2m/core/live/keys";
import { ConditionFailed, deleteItem, getItem, transact, updateItem } from "@t2m/core/live/table";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { claimed, givenJob, givenUpload, historyOf, jobOf, output, useParts } from "./support.ts";

const parts = useParts({ T2M_LEASE_SECONDS: "20" });
beforeEach(() => void vi.useFakeTimers({ toFake: ["Date"] }));
afterEach(() => void vi.useRealTimers());

const lost: Failure = { code: "conversion.failed", message: "It failed." };
const pass = (seconds: number) => vi.setSystemTime(Date.now() + seconds * 1000);
const sweep = () => sweepDue({ until: Date.now() + 60_000 });
const ordersOf = ({ jobId }: JobKey) => parts.putKeys.filter((key) => key.includes(jobId)).length;
const dueIn = async (key: JobKey) => (await jobOf(key)).dueAt - Math.floor(Date.now() / 1000);

test("a step whose worker died is queued again with an order, and its next worker completes it", async () => {
  const key = await givenJob("queued");
  const dead = await claimed(key);
  await renewLease(dead, 60);
  pass(21);
  expect(await sweep()).toMatchObject({ revived: 1, errors: [] });
  expect(await historyOf(key)).toEqual(["job.created", "step.started", "step.retrying"]);
  expect((await getJob(key)).percent).toBe(60);
  await expect.poll(() => ordersOf(key)).toBe(1);
  expect(await completeStep(dead, { outputs: [output] })).toBe("lost");
  expect(await completeStep(await claimed(key), { outputs: [output] })).toBe("ended");
});

test("a living lease is left alone and looked at again when it would end", async () => {
  const key = await givenJob("queued");
  const claim = await claimed(key);
  pass(15);
  await renewLease(claim, 10);
  pass(10);
  expect(await sweep()).toMatchObject({ revived: 0, postponed: 1 });
  expect(await historyOf(key)).toEqual(["job.created", "step.started"]);
  expect([10, 11]).toContain(await dueIn(key));
  expect(await sweep()).toMatchObject({ postponed: 0 });
});

test("a worker that renews its lease in the last moment keeps it: who read it as run out is refused", async () => {
  const key = await givenJob("queued");
  const claim = await claimed(key);
  pass(21);
  const state = await readState(key);
  const change = state && strandedChange(state, Date.now());
  if (!change) throw new Error("the lease has not run out");
  await renewLease(claim, 10);
  await expect(transact(changeWrites(state, change, Date.now()))).rejects.toThrow(ConditionFailed);
  expect(await completeStep(claim, { outputs: [output] })).toBe("ended");
});

test("[C2.4] a step that breaks off three times fails its job, with a code that says so", async () => {
  const key = await givenJob("queued");
  for (let attempt = 1; attempt <= 3; attempt++) {
    expect((await claimed(key)).attempt).toBe(attempt);
    pass(100);
    await sweep();
    pass(100);
  }
  expect(await getJob(key)).toMatchObject({
    status: "failed",
    failure: { code: "step.attempts_exhausted", message: expect.stringContaining("3 times") },
  });
});

test("[C2.4] who comes to take over for the third time fails the job instead, without any sweep", async () => {
  const key = await givenJob("queued");
  for (let attempt = 1; attempt <= 3; attempt++) {
    expect((await claimed(key)).attempt).toBe(attempt);
    pass(21);
  }
  expect(await claimStep({ ...key, step: "convert" })).toBeUndefined();
  expect(await getJob(key)).toMatchObject({ status: "failed", failure: { code: "step.attempts_exhausted" } });
});

test("an order that nobody claimed is put again; the pause grows with the time in line", async () => {
  const key = await givenJob("queued");
  expect(await sweep()).toMatchObject({ ordered: 0 });
  pass(91);
  expect(await sweep()).toMatchObject({ ordered: 1 });
  await expect.poll(() => ordersOf(key)).toBe(1);
  expect(await dueIn(key)).toBeGreaterThan(85);
  pass(1000);
  await sweep();
  expect(await dueIn(key)).toBeGreaterThan(1000);
  expect(await historyOf(key)).toEqual(["job.created"]);
  await removeJob(key);
});

test("a retry that has to wait gets its order when its time has come", async () => {
  const key = await givenJob("queued");
  await failStep(await claimed(key), lost, { retryable: true });
  await failStep(await claimed(key), lost, { retryable: true });
  await expect.poll(() => ordersOf(key)).toBe(1);
  expect(await sweep()).toMatchObject({ ordered: 0 });
  pass(46);
  expect(await sweep()).toMatchObject({ ordered: 1 });
  await expect.poll(() => ordersOf(key)).toBe(2);
  const third = await claimed(key);
  expect(third.attempt).toBe(3);
  await failStep(third, lost, { retryable: true });
  expect(await getJob(key)).toMatchObject({ status: "failed", failure: lost });
});

test("a cancelled job whose worker is dead is ended by the sweep", async () => {
  const key = await givenJob("queued");
  await claimed(key);
  await cancelJob(key);
  expect(await sweep()).toMatchObject({ cancelled: 0 });
  pass(21);
  expect(await sweep()).toMatchObject({ cancelled: 1 });
  expect(await historyOf(key)).toEqual(["job.created", "step.started", "job.cancelling", "job.cancelled"]);
});

test("a waiting job whose upload was completed unnoticed is queued; one whose upload is gone fails", async () => {
  const stored = await givenJob("waiting");
  await givenUpload({ ...stored, jobIds: [stored.jobId] });
  const open = await givenJob("waiting");
  await givenUpload({ ...open, status: "open", jobIds: [open.jobId] });
  const orphan = await givenJob("waiting");
  pass(601);
  expect(await sweep()).toMatchObject({ queued: 1, failed: 1, postponed: 1 });
  await expect.poll(() => ordersOf(stored)).toBe(1);
  expect(await getJob(stored)).toMatchObject({ status: "queued" });
  expect(await getJob(open)).toMatchObject({ status: "waiting" });
  expect(await getJob(orphan)).toMatchObject({ status: "failed", failure: { code: "upload.gone" } });
  await Promise.all([stored, open].map(removeJob));
});

test("[C6.2] expired jobs and uploads that the table's TTL left are deleted, living ones are not", async () => {
  const expiresAt = Math.floor(Date.now() / 1000) + 100;
  const job = await givenJob("queued", { expiresAt });
  await completeStep(await claimed(job), { outputs: [output] });
  await givenUpload({ ...job, expiresAt, dueAt: expiresAt + 3600 });
  const living = await givenJob("queued");
  await completeStep(await claimed(living), { outputs: [output] });

  pass(200);
  expect(await sweep()).toMatchObject({ expired: 0 });
  pass(3600);
  expect(await sweep()).toMatchObject({ expired: 2, errors: [] });
  // An item that is merely hidden as expired would show again when the clock goes back.
  vi.setSystemTime(expiresAt * 1000 - 50_000);
  expect(await getItem(jobItemKey(job.userId, job.jobId))).toBeUndefined();
  expect(await getItem(uploadItemKey(job.userId, job.uploadId))).toBeUndefined();
  expect(await getJob(living)).toMatchObject({ status: "completed" });
});

test("[C6.5] one that cannot be helped does not keep the others from it, and is tried again later", async () => {
  const broken = await givenJob("queued");
  const brokenKey = jobItemKey(broken.userId, broken.jobId);
  await updateItem(brokenKey, { expression: "SET leases = :bad", values: { ":bad": "no map" } });
  const others = [await givenJob("queued"), await givenJob("queued"), await givenJob("queued")];
  for (const key of others) await claimed(key);
  pass(100);
  const counts = await sweep();
  expect(counts).toMatchObject({ revived: 3, errors: [{ item: brokenKey.sk }] });
  expect(await sweep()).toMatchObject({ revived: 0, errors: [] });
  pass(301);
  expect((await sweep()).errors).toHaveLength(1);
  await deleteItem(brokenKey);
});

test("an object store that is away leaves the step queued; a later sweep puts the order", async () => {
  const key = await givenJob("queued");
  pass(91);
  parts.s3.faults.add({ kind: "refuse", times: 3, match: ({ method }) => method === "PUT" });
  expect((await sweep()).errors).toHaveLength(1);
  pass(301);
  expect(await sweep()).toMatchObject({ ordered: 1, errors: [] });
  await expect.poll(() => ordersOf(key)).toBe(1);
});
