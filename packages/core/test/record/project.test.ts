import { randomUUID } from "node:crypto";
import { jobStatuses } from "@t2m/contract/job-status";
import { changeRecord } from "@t2m/core/database/access";
import { jobStatus } from "@t2m/core/database/schema/enums";
import { mayHaveMoved } from "@t2m/core/record/moves";
import { project } from "@t2m/core/record/project";
import { type StreamRecord, streamRecordOf } from "@t2m/core/record/stream-record";
import { sql } from "drizzle-orm";
import { v7 } from "uuid";
import { expect, test } from "vitest";
import { historyOf } from "./history.ts";
import { useDatabase } from "./support.ts";

const database = useDatabase();

async function take(records: readonly StreamRecord[]): Promise<void> {
  for (const record of records) expect(await project(record)).not.toBe("refused");
}

test("[VD.2] [V4.3] [A4.1] a job's life becomes its row, its events, its files and its owner's usage", async () => {
  const { chains, job } = historyOf(["queue", "claim", "beat", "complete"], {
    startMs: Date.UTC(2026, 4, 1),
  });
  await take(chains.flat());

  const [row] = await database.sql`select * from jobs where id = ${job.jobId}`;
  expect(row).toMatchObject({
    user_id: job.userId,
    upload_id: job.uploadId,
    kind: "conversion",
    status: "completed",
    priority: "normal",
    topic: "song \ufffd.wav",
    configuration: { preset: "mp3" },
    progress_percentage: "100.00",
    version: 5,
    metrics: { waitSeconds: 2, runSeconds: 2, outputBytes: 8_642 },
    removed_at: null,
  });
  expect(
    await database.sql`select sequence, type from job_events where job_id = ${job.jobId} order by 1`,
  ).toEqual([
    { sequence: 1, type: "job.created" },
    { sequence: 2, type: "job.queued" },
    { sequence: 3, type: "step.started" },
    { sequence: 4, type: "step.completed" },
    { sequence: 5, type: "job.completed" },
  ]);
  const files = await database.sql`
    select file_type, s3_bucket, s3_key, duration_seconds, width_pixels from file_metadata
    where user_id = ${job.userId} order by file_type`;
  expect(files).toEqual([
    {
      file_type: "main",
      s3_bucket: "videos",
      s3_key: `users/${job.userId}/jobs/${job.jobId}/outputs/main.mp3`,
      duration_seconds: 1.2345,
      width_pixels: null,
    },
    {
      file_type: "poster",
      s3_bucket: "thumbnails",
      s3_key: `users/${job.userId}/jobs/${job.jobId}/thumbnails/poster.jpg`,
      duration_seconds: null,
      width_pixels: 640,
    },
    {
      file_type: "source",
      s3_bucket: "uploads",
      s3_key: `users/${job.userId}/uploads/${job.uploadId}/source`,
      duration_seconds: null,
      width_pixels: null,
    },
  ]);
  expect(await database.sql`select * from usage_daily where user_id = ${job.userId}`).toMatchObject([
    {
      uploads: 1,
      uploaded_bytes: "1234",
      jobs_created: 1,
      jobs_completed: 1,
      output_bytes: "8642",
      run_seconds: "2.000",
    },
  ]);
});

test("what expired stays in the history with its facts, what its owner deleted is marked as such", async () => {
  const expired = historyOf(["queue", "claim", "complete"], { end: "expired" });
  const deleted = historyOf(["queue"], { end: "deleted" });
  await take([...expired.chains.flat(), ...deleted.chains.flat()]);

  const removals = await database.sql`
    select id, removal, removed_at is not null as is_gone from jobs
    where id in ${database.sql([expired.job.jobId, deleted.job.jobId])} order by removal`;
  expect(removals).toEqual([
    { id: deleted.job.jobId, removal: "deleted", is_gone: true },
    { id: expired.job.jobId, removal: "expired", is_gone: true },
  ]);
  expect(
    await database.sql`select distinct removal from file_metadata where user_id = ${expired.job.userId}`,
  ).toEqual([{ removal: "expired" }]);
});

test("a job that is removed before its end is cancelled in the record, at once and once", async () => {
  const running = historyOf(["queue", "claim", "beat"], { end: "deleted" });
  const waiting = historyOf([], { end: "expired" });
  const records = [...running.chains.flat(), ...waiting.chains.flat()];
  await take([...records, ...records]);

  const ids = [running.job.jobId, waiting.job.jobId];
  expect(
    await database.sql`
      select id, status, current_stage, removal, finished_at = removed_at as has_ended_so from jobs
      where id in ${database.sql(ids)} order by removal`,
  ).toEqual([
    { id: ids[0], status: "cancelled", current_stage: null, removal: "deleted", has_ended_so: true },
    { id: ids[1], status: "cancelled", current_stage: null, removal: "expired", has_ended_so: true },
  ]);
  for (const { job } of [running, waiting]) {
    expect(
      await database.sql`
        select sum(jobs_created)::int as created, sum(jobs_cancelled)::int as cancelled
        from usage_daily where user_id = ${job.userId}`,
    ).toEqual([{ created: 1, cancelled: 1 }]);
  }
});

test("[V2.3] a job that has ended cannot go on: the record is refused and kept, what follows is taken", async () => {
  const { chains, job } = historyOf(["queue", "claim", "fail"]);
  await take(chains.flat());
  const { job: other, chains: others } = historyOf(["queue"]);
  const last = chains.flat().find(({ newImage }) => newImage?.entity === "job" && newImage.version === 5);
  const lie: StreamRecord = {
    eventId: randomUUID(),
    change: "MODIFY",
    newImage: { ...last?.newImage, status: "running", version: 9 },
    oldImage: last?.newImage,
    at: new Date(),
    isByExpiry: false,
    raw: { kept: "as it came" },
  };

  expect(await project(lie)).toBe("refused");
  expect(await project(lie)).toBe("refused");
  await take(others.flat());

  expect(await database.sql`select status, version from jobs where id = ${job.jobId}`).toEqual([
    { status: "failed", version: 5 },
  ]);
  expect(
    await database.sql`select reason, record from refused_records where event_id = ${lie.eventId}`,
  ).toEqual([{ reason: "illegal_transition", record: { kept: "as it came" } }]);
  expect(await database.sql`select status from jobs where id = ${other.jobId}`).toEqual([
    { status: "queued" },
  ]);
});

test("[V2.2] [V2.3] the database itself knows which moves are allowed, the very ones that the code knows", async () => {
  expect(jobStatus.enumValues).toEqual([...jobStatuses]);
  const owner = randomUUID();
  await database.sql`insert into users (id) values (${owner})`;
  for (const from of jobStatuses) {
    for (const to of jobStatuses) {
      const id = v7();
      const ended = (status: string) => ["completed", "failed", "cancelled"].includes(status);
      await database.sql`
        insert into jobs (id, user_id, kind, status, topic, configuration, version, created_at, finished_at, error_info)
        values (${id}, ${owner}, 'conversion', ${from}, 'x', '{}', 1, now(), ${ended(from) ? new Date() : null}, '{}')`;
      const change = database.sql`
        update jobs set status = ${to}, version = 2, finished_at = ${ended(to) ? new Date() : null} where id = ${id}`;
      const refusal = await change.then(
        () => undefined,
        (error: { constraint_name?: string }) => error.constraint_name,
      );
      const moved = refusal !== "jobs_moves";
      expect(refusal === undefined || !moved).toBe(true);
      expect([from, to, moved]).toEqual([from, to, mayHaveMoved(from, to)]);
    }
  }
  await database.sql`delete from users where id = ${owner}`;
  expect(await database.sql`select from jobs where user_id = ${owner}`).toHaveLength(0);
});

test("a heartbeat costs Postgres nothing", async () => {
  const { chains } = historyOf(["queue", "claim", "beat", "beat"]);
  const beats = chains
    .flat()
    .filter(({ newImage, oldImage }) => newImage?.entity === "job" && newImage.version === oldImage?.version);
  expect(beats).toHaveLength(2);
  for (const beat of beats) expect(await project(beat)).toBe("skipped");
});

test("[V2.2] a record that cannot be read is kept for people and holds nobody up", async () => {
  const record = streamRecordOf({
    eventID: randomUUID(),
    eventName: "INSERT",
    dynamodb: { NewImage: { entity: { S: "job" }, jobId: { S: "none\u0000" } } },
  });
  expect(await project(record)).toBe("refused");
  expect(await database.sql`select reason from refused_records where event_id = ${record.eventId}`).toEqual([
    { reason: "unreadable" },
  ]);
});

test("[V2.2] a record that our own code breaks over is kept for people and holds nobody up", async () => {
  const { chains, job } = historyOf(["queue", "claim", "complete"]);
  const records = chains.flat();
  const last = records.find(({ newImage }) => newImage?.entity === "job" && newImage.version === 5);
  const broken = (eventId: string, image: object): StreamRecord => ({
    ...streamRecordOf({ eventID: eventId, eventName: "INSERT" }),
    newImage: { ...last?.newImage, ...image },
  });
  const ids = [randomUUID(), randomUUID()];
  expect(await project(broken(ids[0] ?? "", { outputs: [{}] }))).toBe("refused");
  const noAttribute = { NewImage: { entity: null } };
  expect(
    await project(streamRecordOf({ eventID: ids[1] ?? "", eventName: "INSERT", dynamodb: noAttribute })),
  ).toBe("refused");
  expect(
    await database.sql`select distinct reason from refused_records where event_id in ${database.sql(ids)}`,
  ).toEqual([{ reason: "unreadable" }]);
  await take(records);
  expect(await database.sql`select status from jobs where id = ${job.jobId}`).toEqual([
    { status: "completed" },
  ]);
});

test("a deleted account's work is not recorded again; what its person makes later is", async () => {
  const userId = randomUUID();
  const { chains, job } = historyOf(["queue", "claim", "complete"], { userId, startMs: Date.now() - 60_000 });
  await take(chains.flat());
  await changeRecord(async (tx) => {
    await tx.execute(sql`insert into erasures (user_id) values (${userId})`);
    await tx.execute(sql`delete from users where id = ${userId}`);
  });

  for (const record of chains.flat()) expect(["known", "skipped"]).toContain(await project(record));
  for (const table of ["jobs", "file_metadata", "usage_daily", "users"]) {
    const column = table === "users" ? "id" : "user_id";
    const left = await database.sql`
      select from ${database.sql(table)} where ${database.sql(column)} = ${userId}`;
    expect([table, left.length]).toEqual([table, 0]);
  }
  expect(await database.sql`select from early_events where job_id = ${job.jobId}`).toHaveLength(0);

  const later = historyOf(["queue"], { userId, startMs: Date.now() + 1_000 });
  await take(later.chains.flat());
  expect(await database.sql`select id from jobs where user_id = ${userId}`).toEqual([
    { id: later.job.jobId },
  ]);
});

test("[V2.3] [VD.2] a job of a batch waits in Postgres; once it lives, job, place in line and usage move together", async () => {
  const { chains, job } = historyOf(["queue", "claim", "complete"]);
  const [batch, queue] = [v7(), v7()];
  await database.sql.begin(async (tx) => {
    await tx`insert into users (id) values (${job.userId})`;
    await tx`insert into batches (id, user_id, job_count, priority) values (${batch}, ${job.userId}, 1, 'high')`;
    await tx`
      insert into jobs (id, user_id, batch_id, kind, status, priority, topic, configuration, version, created_at)
      values (${job.jobId}, ${job.userId}, ${batch}, 'conversion', 'waiting', 'high', 'x', '{}', 0, now())`;
    await tx`
      insert into job_queue (id, job_id, user_id, priority, status, claim_token, claimed_until)
      values (${queue}, ${job.jobId}, ${job.userId}, 'high', 'claimed', ${randomUUID()}, now())`;
  });
  const versions = chains.flat().filter(({ newImage }) => newImage?.entity === "job");
  const places = [];
  for (const record of versions) {
    await take([record]);
    const [place] = await database.sql`
      select q.status as place, j.status, j.priority, q.completed_at is not null as is_done
      from job_queue q join jobs j on j.id = q.job_id where q.id = ${queue}`;
    places.push(place);
  }
  expect(places).toEqual([
    { place: "running", status: "waiting", priority: "high", is_done: false },
    { place: "running", status: "queued", priority: "high", is_done: false },
    { place: "running", status: "running", priority: "high", is_done: false },
    { place: "completed", status: "completed", priority: "high", is_done: true },
  ]);
  expect(
    await database.sql`select jobs_created, jobs_completed from usage_daily where user_id = ${job.userId}`,
  ).toEqual([{ jobs_created: 1, jobs_completed: 1 }]);
});
