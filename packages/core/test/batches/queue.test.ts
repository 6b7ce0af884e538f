import { claimNext } from "@t2m/core/batches/claim";
import { type Limits, placesOf } from "@t2m/core/batches/line";
import { readRecord } from "@t2m/core/database/access";
import { beforeEach, expect, test, vi } from "vitest";
import { empty, useDatabase } from "../record/support.ts";
import { person, queue } from "./line.ts";

const database = useDatabase();
beforeEach(() => empty(database.sql));

const wide = { perUser: 1000, all: 1000 };

async function claimAll(limits: Limits, atMost: number): Promise<string[]> {
  return (await claimNext({ limits, atMost })).map(({ jobId }) => jobId);
}

const endAll = () => database.sql`
  update job_queue set status = 'completed', completed_at = now() where status in ('claimed', 'running')`;

test("[VD.3] eight who claim at the same time take each job once, keep both limits, and leave nobody's job behind", async () => {
  const people = Array.from({ length: 5 }, person);
  // One floods, the others have a few.
  const all = await Promise.all(
    people.map((userId, index) => queue(database.sql, { userId, jobs: index === 0 ? 200 : 10 })),
  );
  const limits = { perUser: 4, all: 12 };
  const claimers = await Promise.all(Array.from({ length: 8 }, newClaimer));
  const heard = await Promise.all(claimers.map((claimer) => drain(claimer, limits)));
  expect(heard.flat().sort()).toEqual(all.flat().sort());
  expect(heard.filter((jobIds) => jobIds.length > 0).length).toBeGreaterThan(1);
});

/** The modules anew, and so with a connection of their own. */
async function newClaimer() {
  vi.resetModules();
  const { claimNext: claim } = await import("@t2m/core/batches/claim");
  const { closeRecord: close } = await import("@t2m/core/database/access");
  return { claim, close };
}

/** Claims until nothing waits; what was claimed has ended a moment later. */
async function drain({ claim, close }: Awaited<ReturnType<typeof newClaimer>>, limits: Limits) {
  const { sql } = database;
  const taken: string[] = [];
  while ((await sql`select 1 from job_queue where status = 'queued' limit 1`).length > 0) {
    const jobIds = (await claim({ limits, atMost: 3 })).map(({ jobId }) => jobId);
    const underWay = await sql<{ jobs: number }[]>`
      select count(*)::int as jobs from job_queue where status in ('claimed', 'running') group by user_id`;
    const counts = underWay.map(({ jobs }) => jobs);
    expect(Math.max(0, ...counts)).toBeLessThanOrEqual(limits.perUser);
    expect(counts.reduce((sum, count) => sum + count, 0)).toBeLessThanOrEqual(limits.all);
    if (jobIds.length === 0) continue;
    taken.push(...jobIds);
    await sql`update job_queue set status = 'completed', completed_at = now(), claim_token = null
      where job_id in ${sql(jobIds)}`;
  }
  await close();
  return taken;
}

test("[VD.3] nobody's flood delays anybody else: everybody's first job goes before anybody's second", async () => {
  const [flood, guest] = [person(), person()];
  const many = await queue(database.sql, { userId: flood, jobs: 300, priority: "high" });
  const few = await queue(database.sql, { userId: guest, jobs: 2, priority: "low" });
  const first = await claimAll({ perUser: 4, all: 4 }, 10);
  expect(first.sort()).toEqual([...many.slice(0, 2), ...few].sort());
  // At the limit nothing more starts; with room again the flood goes on.
  expect(await claimAll({ perUser: 4, all: 4 }, 10)).toEqual([]);
  await endAll();
  expect((await claimAll({ perUser: 3, all: 4 }, 10)).sort()).toEqual(many.slice(2, 5));
});

test("[VD.3] one's own jobs go by priority, then by age; after half an hour in line a job counts as one priority higher", async () => {
  const userId = person();
  const hoursAgo = (hours: number) => new Date(Date.now() - hours * 3_600_000);
  const [low = ""] = await queue(database.sql, { userId, jobs: 1, priority: "low" });
  const [older = ""] = await queue(database.sql, { userId, jobs: 1, priority: "low", queuedAt: hoursAgo(2) });
  const normal = await queue(database.sql, { userId, jobs: 2 });
  const high = await queue(database.sql, { userId, jobs: 2, priority: "high" });
  const order: string[] = [];
  for (let one = await claimAll(wide, 1); one.length > 0; one = await claimAll(wide, 1)) order.push(...one);
  expect(order).toEqual([older, ...high, ...normal, low]);
});

test("[VD.3] the place that is told is the order in which jobs start", async () => {
  const people = Array.from({ length: 3 }, person);
  for (const [index, userId] of people.entries()) {
    await queue(database.sql, { userId, jobs: 4 * (index + 1) });
    await queue(database.sql, { userId, jobs: 2, priority: index === 1 ? "high" : "low" });
  }
  await claimAll(wide, 5);
  const told = new Map<string, number>();
  for (const userId of people) {
    for (const [jobId, { place }] of await readRecord((db) => placesOf(db, userId))) told.set(jobId, place);
  }
  const order: string[] = [];
  for (let one = await claimAll(wide, 1); one.length > 0; one = await claimAll(wide, 1)) order.push(...one);
  expect(order.map((jobId) => told.get(jobId))).toEqual(order.map((_, index) => index + 1));
});

test("[VD.3] a job whose release died goes back to its place in line; a living claim is left alone", async () => {
  const userId = person();
  const [first = "", second = ""] = await queue(database.sql, { userId, jobs: 2 });
  expect(await claimAll(wide, 1)).toEqual([first]);
  await database.sql`update job_queue set claimed_until = now() - interval '1 second' where job_id = ${first}`;
  expect(await claimAll(wide, 1)).toEqual([first]);
  expect(await claimAll(wide, 5)).toEqual([second]);
});

test("[VD.3] a claim waits for one that is being made, so that an urgent newcomer cannot get past the limit between them", async () => {
  const userId = person();
  const [first = ""] = await queue(database.sql, { userId, jobs: 1 });
  let second: Promise<string[]> | undefined;
  await database.sql.begin(async (tx) => {
    await tx`select pg_advisory_xact_lock(hashtext('job_queue'))`;
    await tx`update job_queue set status = 'claimed', claim_token = gen_random_uuid(),
      claimed_until = now() + interval '1 minute' where job_id = ${first}`;
    await queue(database.sql, { userId, jobs: 1, priority: "high" });
    second = claimAll({ perUser: 1, all: 10 }, 1);
    const waits = () => database.sql`select 1 from pg_locks where locktype = 'advisory' and not granted`;
    await expect.poll(async () => (await waits()).length).toBe(1);
  });
  expect(await second).toEqual([]);
});
