import type { Failure } from "@t2m/contract/jobs";
import { cancelJob } from "@t2m/core/jobs/cancel";
import { readState } from "@t2m/core/jobs/change";
import { claimStep, decideClaim } from "@t2m/core/jobs/claim";
import { completeStep } from "@t2m/core/jobs/complete";
import { listEvents } from "@t2m/core/jobs/events";
import { failStep } from "@t2m/core/jobs/fail";
import { getJob } from "@t2m/core/jobs/get";
import { graphs } from "@t2m/core/jobs/graph";
import { renewLease } from "@t2m/core/jobs/heartbeat";
import { listJobs } from "@t2m/core/jobs/list";
import { queueJob, queueUploadedJobs } from "@t2m/core/jobs/queue";
import { removeJob } from "@t2m/core/jobs/remove";
import { queryItems } from "@t2m/core/live/table";
import { afterAll, expect, test } from "vitest";
import { artificialGraph } from "./artificial-graph.ts";
import { claimed, givenJob, givenUpload, historyOf, jobOf, output, useParts } from "./support.ts";

const parts = useParts();
graphs.set("artificial", artificialGraph);
afterAll(() => void graphs.delete("artificial"));

const failure: Failure = {
  code: "media.truncated",
  message: "It breaks off in the middle.",
  log: "moov atom not found",
};

test("[C2.1] [C2.3] waiting → queued → running → completed: each step of a job's life is an event, 100 % comes last", async () => {
  const key = await givenJob("waiting");
  expect(await getJob(key)).toMatchObject({ status: "waiting", percent: 0, version: 1, outputs: [] });
  await queueJob(key);
  expect(await getJob(key)).toMatchObject({ status: "queued", percent: 0 });

  const claim = await claimed(key);
  expect(await getJob(key)).toMatchObject({ status: "running", percent: 0, startedAt: expect.any(String) });
  await renewLease(claim, 100);
  expect((await getJob(key)).percent).toBe(99);
  expect(await completeStep(claim, { outputs: [output] })).toBe("ended");

  expect(await getJob(key)).toMatchObject({
    status: "completed",
    percent: 100,
    outputs: [output],
    finishedAt: expect.any(String),
  });
  expect(await historyOf(key)).toEqual([
    "job.created",
    "job.queued",
    "step.started",
    "step.completed",
    "job.completed",
  ]);
});

test("[C2.4] a fatal failure ends the job as failed, with code, sentence and log", async () => {
  const key = await givenJob("queued");
  const claim = await claimed(key);
  expect(await failStep(claim, failure, { retryable: false })).toBe("ended");
  expect(await getJob(key)).toMatchObject({ status: "failed", failure, outputs: [] });
  expect(await historyOf(key)).toEqual(["job.created", "step.started", "step.failed", "job.failed"]);
  const [last] = await listEvents(key, { after: 3 });
  expect(last).toMatchObject({ type: "job.failed", failure });
});

test("a retryable failure queues the step again at once; the third is final", async () => {
  const key = await givenJob("queued");
  await failStep(await claimed(key), failure, { retryable: true });
  await expect.poll(() => parts.putKeys.filter((put) => put.includes(key.jobId))).toHaveLength(1);
  expect(parts.putKeys.find((put) => put.includes(key.jobId))).toMatch(
    /^work\/convert\/.*\/convert\/2\.json$/,
  );

  const again = await claimed(key);
  expect(again.attempt).toBe(2);
  await failStep(again, failure, { retryable: true });
  expect(await claimStep({ ...key, step: "convert" })).toBeUndefined(); // Not before its pause is over.
  expect(await getJob(key)).toMatchObject({ status: "running" });
  expect((await jobOf(key)).dueAt - Date.now() / 1000).toBeGreaterThan(10);
});

test("[V2.3] eight claim one step at once: one gets it, the history shows one start", async () => {
  const key = await givenJob("queued");
  const claims = await Promise.all(Array.from({ length: 8 }, () => claimStep({ ...key, step: "convert" })));
  expect(claims.filter(Boolean)).toHaveLength(1);
  expect(await historyOf(key)).toEqual(["job.created", "step.started"]);
});

test("[V2.3] a claim whose answer was lost on the way is found again by its token, and is no second start", async () => {
  const key = await givenJob("queued");
  const { job: _, ...claim } = await claimed(key);
  const state = await readState(key);
  if (!state) throw new Error("the job is gone");
  expect(decideClaim(state, "convert", claim.token, Date.now())).toEqual({
    answer: expect.objectContaining(claim),
  });
  expect(decideClaim(state, "convert", "another's", Date.now())).toEqual({ answer: undefined });
});

test("[V2.3] a late completion, by a token that lost its lease, is refused and changes nothing", async () => {
  const key = await givenJob("queued");
  const late = await claimed(key);
  await failStep(late, failure, { retryable: true });
  const holder = await claimed(key);
  const before = await jobOf(key);

  expect(await completeStep(late, { outputs: [output] })).toBe("lost");
  expect(await failStep(late, failure, { retryable: false })).toBe("lost");
  expect(await renewLease(late, 50)).toEqual({ type: "lost" });
  expect(await jobOf(key)).toEqual(before);
  expect(await completeStep(holder, { outputs: [output] })).toBe("ended");
  expect(await completeStep(holder, { outputs: [output] })).toBe("ended"); // Its first answer was lost: the same.
  expect(await completeStep(late, { outputs: [output] })).toBe("lost");
  expect((await historyOf(key)).filter((type) => type === "job.completed")).toHaveLength(1);
});

test("an upload's jobs are queued together: others' orders are put, the first is the caller's own", async () => {
  const first = await givenJob("waiting");
  const second = await givenJob("waiting", { userId: first.userId, uploadId: first.uploadId });
  await givenUpload({ ...first, jobIds: [first.jobId, second.jobId] });

  const open = await queueUploadedJobs(first);
  expect(open.map(({ jobId }) => jobId)).toEqual([first.jobId, second.jobId]);
  await queueUploadedJobs(first);
  expect(await historyOf(first)).toEqual(["job.created", "job.queued"]);
  await expect.poll(() => parts.putKeys.filter((key) => key.includes(second.jobId))).toHaveLength(1);
  expect(parts.putKeys.filter((key) => key.includes(first.jobId))).toEqual([]);

  await completeStep(await claimed(first), { outputs: [output] });
  expect((await queueUploadedJobs(first)).map(({ jobId }) => jobId)).toEqual([second.jobId]);
});

test("[C6.1] what a slow upload took is not taken off the outputs' life: it begins anew, events included", async () => {
  const soon = Math.floor(Date.now() / 1000) + 60;
  const key = await givenJob("waiting", { expiresAt: soon });
  await queueJob(key);
  const { pk, expiresAt } = await jobOf(key);
  expect(expiresAt).toBeGreaterThan(soon + 80_000);
  for (const prefix of ["step#", "event#"]) {
    const { items } = await queryItems({ pk, prefix, limit: 10 });
    expect(items.map((item) => item.expiresAt)).toEqual(items.map(() => expiresAt));
  }
});

test("an upload that is still open, or somebody else's, queues nothing", async () => {
  const key = await givenJob("waiting");
  await givenUpload({ ...key, status: "open", jobIds: [key.jobId] });
  expect(await queueUploadedJobs(key)).toEqual([]);
  const { userId } = await givenJob("waiting");
  expect(await queueUploadedJobs({ userId, uploadId: key.uploadId })).toEqual([]);
  expect((await jobOf(key)).status).toBe("waiting");
});

test("a graph runs on the same engine: probe, three segments at once beside a failing optional poster, join", async () => {
  const key = await givenJob("queued", { kind: "artificial" });
  await completeStep(await claimed(key, "probe"), { result: { segments: 3 } });
  expect(await claimStep({ ...key, step: "join" })).toBeUndefined();

  const poster = await claimed(key, "poster");
  const segments = await Promise.all([0, 1, 2].map((index) => claimed(key, `segment:${index}`)));
  expect(segments.map((claim) => claim.input)).toEqual([{ index: 0 }, { index: 1 }, { index: 2 }]);
  await Promise.all(segments.map((claim) => renewLease(claim, 50)));
  expect((await getJob(key)).percent).toBe(40);

  // All at once: every completion finds the job changed by another and decides anew.
  const endings = await Promise.all([
    failStep(poster, failure, { retryable: false }),
    ...segments.map((claim) => completeStep(claim)),
  ]);
  expect(endings).toEqual(["ended", "ended", "ended", "ended"]);
  expect((await getJob(key)).percent).toBe(80);
  await completeStep(await claimed(key, "join"), { outputs: [output] });
  expect(await getJob(key)).toMatchObject({ status: "completed", percent: 100, outputs: [output] });
  const history = await historyOf(key);
  expect(history.filter((type) => type === "step.started")).toHaveLength(6);
  expect(history.filter((type) => type === "step.failed")).toHaveLength(1);
});

test("a segment that fails for good fails the job, and the others' leases are gone", async () => {
  const key = await givenJob("queued", { kind: "artificial" });
  await completeStep(await claimed(key, "probe"), { result: { segments: 2 } });
  const [one, two] = [await claimed(key, "segment:0"), await claimed(key, "segment:1")];
  await failStep(one, failure, { retryable: false });
  expect(await getJob(key)).toMatchObject({ status: "failed", failure });
  expect(await renewLease(two, 10)).toEqual({ type: "lost" });
  expect(await completeStep(two)).toBe("lost");
  expect(await claimStep({ ...key, step: "poster" })).toBeUndefined();
});

test("a job nobody works on is cancelled at once, and its step can no longer be claimed", async () => {
  for (const status of ["waiting", "queued"] as const) {
    const key = await givenJob(status);
    expect(await cancelJob(key)).toMatchObject({ status: "cancelled", cancelRequested: true });
    expect(await claimStep({ ...key, step: "convert" })).toBeUndefined();
    const history = await historyOf(key);
    expect(history).toEqual(["job.created", "job.cancelled"]);
    expect(await cancelJob(key)).toMatchObject({ status: "cancelled", version: 2 });
  }
});

test("a running job is asked to stop: its worker learns by the next heartbeat and ends it as cancelled", async () => {
  const key = await givenJob("queued");
  const claim = await claimed(key);
  expect(await renewLease(claim, 10)).toMatchObject({ type: "ok", runningSteps: 1 });
  expect(await cancelJob(key)).toMatchObject({ status: "running", cancelRequested: true, version: 3 });
  expect(await renewLease(claim, 20)).toEqual({ type: "cancelled" });
  expect(await failStep(claim, failure, { retryable: true })).toBe("cancelled");
  expect(await getJob(key)).toMatchObject({ status: "cancelled", percent: 20 });
  expect(await historyOf(key)).toEqual([
    "job.created",
    "step.started",
    "job.cancelling",
    "step.cancelled",
    "job.cancelled",
  ]);
});

test("a result that comes after the wish to cancel is not taken", async () => {
  const key = await givenJob("queued");
  const claim = await claimed(key);
  await cancelJob(key);
  expect(await completeStep(claim, { outputs: [output] })).toBe("cancelled");
  expect(await getJob(key)).toMatchObject({ status: "cancelled", outputs: [] });
});

test("cancelling what has completed leaves it as it is", async () => {
  const key = await givenJob("queued");
  await completeStep(await claimed(key), { outputs: [output] });
  expect(await cancelJob(key)).toMatchObject({ status: "completed", cancelRequested: false });
});

test("a deleted job's worker loses its lease and finds the job gone", async () => {
  const key = await givenJob("queued");
  const claim = await claimed(key);
  await removeJob(key);
  expect(await renewLease(claim, 10)).toEqual({ type: "lost" });
  expect(await completeStep(claim, { outputs: [output] })).toBe("gone");
  expect(await claimStep({ ...key, step: "convert" })).toBeUndefined();
  await expect(getJob(key)).rejects.toMatchObject({ code: "not_found" });
  await expect(removeJob(key)).rejects.toMatchObject({ code: "not_found" });
});

test("[C1.5] [C6.1] another's job, an expired one and an unknown one are all not found", async () => {
  const { jobId } = await givenJob("queued");
  const stranger = await givenJob("waiting");
  const expired = await givenJob("queued", { expiresAt: Math.floor(Date.now() / 1000) - 1 });
  for (const key of [
    { userId: stranger.userId, jobId },
    expired,
    { ...stranger, jobId: stranger.uploadId },
  ]) {
    await expect(getJob(key)).rejects.toMatchObject({ code: "not_found" });
    await expect(cancelJob(key)).rejects.toMatchObject({ code: "not_found" });
    await expect(removeJob(key)).rejects.toMatchObject({ code: "not_found" });
  }
});

test("jobs are listed newest first, page by page, one user's alone", async () => {
  const first = await givenJob("queued");
  const { userId } = first;
  const rest = [await givenJob("waiting", { userId }), await givenJob("waiting", { userId })];
  await givenJob("waiting");
  const one = await listJobs({ userId, limit: 2 });
  const two = await listJobs({ userId, limit: 2, cursor: one.cursor });
  const ids = [...one.items, ...two.items].map(({ id }) => id);
  expect(ids).toEqual([rest[1]?.jobId, rest[0]?.jobId, first.jobId]);
  expect(two.cursor).toBeUndefined();
});
