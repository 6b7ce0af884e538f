import { once } from "node:events";
import { cancelJob } from "@t2m/core/jobs/cancel";
import type { Claim } from "@t2m/core/jobs/claim";
import { completeStep } from "@t2m/core/jobs/complete";
import { getJob } from "@t2m/core/jobs/get";
import { graphs } from "@t2m/core/jobs/graph";
import type { JobKey } from "@t2m/core/jobs/items";
import { type Progress, StopWork, startProgress } from "@t2m/core/jobs/progress";
import { removeJob } from "@t2m/core/jobs/remove";
import { afterAll, beforeAll, test } from "vitest";
import { artificialGraph } from "./artificial-graph.ts";
import { type Fate, type FaultProxy, startProxy } from "./proxy.ts";
import { claimed, givenJob, jobOf, useParts } from "./support.ts";

const leaseSeconds = 3;
const parts = useParts({ T2M_LEASE_SECONDS: String(leaseSeconds) });
const open: Progress[] = [];
/** By job: what becomes of its heartbeats. */
const fates = new Map<string, Fate>();
let proxy: FaultProxy;

beforeAll(async () => {
  proxy = await startProxy(parts.services.dynamodb.endpoint, ({ operation, body }) => {
    const [, fate] = [...fates].find(([jobId]) => body.includes(jobId)) ?? [];
    return operation === "UpdateItem" ? (fate ?? "pass") : "pass";
  });
  process.env.AWS_ENDPOINT_URL_DYNAMODB = proxy.url;
  graphs.set("artificial", artificialGraph);
});
afterAll(async () => {
  await Promise.all(open.map((progress) => progress.stop()));
  graphs.delete("artificial");
  await proxy.stop();
});

function started(claim: Claim, seconds = leaseSeconds): Progress {
  const progress = startProgress(claim, seconds);
  open.push(progress);
  return progress;
}

function beatsOf({ jobId }: JobKey): number {
  return proxy.asked.filter(({ operation, body }) => operation === "UpdateItem" && body.includes(jobId))
    .length;
}

async function reasonOf(progress: Progress): Promise<string> {
  if (!progress.signal.aborted) await once(progress.signal, "abort");
  const { reason } = progress.signal;
  return reason instanceof StopWork ? reason.reason : String(reason);
}

test.concurrent("[C2.2] the percentage moves with the work, at most one write a second however often it is reported", async ({
  expect,
}) => {
  const key = await givenJob("queued");
  const claim = await claimed(key);
  const begun = performance.now();
  const progress = started(claim);
  let percent = 0;
  const ticking = setInterval(() => progress.report(++percent), 10);
  await expect.poll(async () => (await getJob(key)).percent, { timeout: 10_000 }).toBeGreaterThan(95);
  clearInterval(ticking);
  await progress.stop();
  const seconds = Math.ceil((performance.now() - begun) / 1000);
  expect(beatsOf(key)).toBeLessThanOrEqual(seconds);
  expect(beatsOf(key)).toBeGreaterThanOrEqual(1);
  await completeStep(claim);
  expect((await getJob(key)).percent).toBe(100);
});

test.concurrent("a silent worker keeps its lease, and what it reports never goes back", async ({
  expect,
}) => {
  const key = await givenJob("queued");
  const claim = await claimed(key);
  const progress = started(claim);
  progress.report(40);
  progress.report(30);
  const until = async () => (await jobOf(key)).leases.convert?.until ?? 0;
  await expect.poll(until, { timeout: 10_000 }).toBeGreaterThan(claim.until + leaseSeconds * 1000 * 0.7);
  expect((await getJob(key)).percent).toBe(40);
  expect(progress.signal.aborted).toBe(false);
});

test.concurrent("a cancel reaches the worker within two seconds, also while it is silent", async ({
  expect,
}) => {
  const key = await givenJob("queued");
  const progress = started(await claimed(key));
  await cancelJob(key);
  const asked = performance.now();
  expect(await reasonOf(progress)).toBe("cancelled");
  expect(performance.now() - asked).toBeLessThan(2000);
});

test.concurrent("a deleted job's worker is told that its lease is lost", async ({ expect }) => {
  const key = await givenJob("queued");
  const progress = started(await claimed(key));
  await removeJob(key);
  expect(await reasonOf(progress)).toBe("lost");
});

test.concurrent("a worker that cannot reach the table gives up when its lease has run out, not before", async ({
  expect,
}) => {
  const claim = await claimed(await givenJob("queued"));
  const progress = started(claim);
  fates.set(claim.jobId, "refused");
  expect(await reasonOf(progress)).toBe("lost");
  expect(Date.now()).toBeGreaterThanOrEqual(claim.until);
});

test.concurrent("a short outage costs nothing: the next heartbeat renews the lease", async ({ expect }) => {
  const key = await givenJob("queued");
  const claim = await claimed(key);
  const progress = started(claim);
  fates.set(claim.jobId, "answer-lost");
  await expect.poll(() => beatsOf(key), { timeout: 5_000 }).toBeGreaterThan(0);
  fates.delete(claim.jobId);
  const until = async () => (await jobOf(key)).leases.convert?.until ?? 0;
  await expect.poll(until, { timeout: 5_000 }).toBeGreaterThan(claim.until);
  expect(progress.signal.aborted).toBe(false);
});

test.concurrent("[C2.2] many steps of one job share the writes: still about one a second in all", async ({
  expect,
}) => {
  const key = await givenJob("queued", { kind: "artificial" });
  await completeStep(await claimed(key, "probe"), { result: { segments: 3 } });
  const claims = [];
  for (const step of ["segment:0", "segment:1", "segment:2"]) claims.push(await claimed(key, step));
  // A long lease, so that nothing but the sharing decides.
  const begun = performance.now();
  const all = claims.map((claim) => started(claim, 60));
  await expect.poll(() => beatsOf(key), { timeout: 10_000 }).toBeGreaterThanOrEqual(3);
  await Promise.all(all.map((progress) => progress.stop()));
  expect(beatsOf(key)).toBeLessThanOrEqual(Math.ceil((performance.now() - begun) / 1000) + 2);
});
