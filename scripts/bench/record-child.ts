// Measures the record from outside the stack: `record-child.ts API TOKEN USER`, in the stack's environment. Answers each
// question with its times.
import { randomUUID } from "node:crypto";
import { Agent, get } from "node:http";
import { setTimeout as delay } from "node:timers/promises";
import { ConversionRequest } from "@t2m/contract/presets";
import { closeRecord } from "@t2m/core/database/access";
import { listHistory } from "@t2m/core/history/jobs";
import { eventItem } from "@t2m/core/jobs/change";
import { newJob } from "@t2m/core/jobs/create";
import { jobItemKey } from "@t2m/core/live/keys";
import { putItem, transact, updateItem } from "@t2m/core/live/table";
import postgres from "postgres";
import { openLoop } from "./open-loop.ts";
import type { HistoryTimes, LagTimes, Question } from "./record.ts";

const [apiUrl = "", token = "", userId = ""] = process.argv.slice(2);
// As behind a pooler, where statements have no names.
const sql = postgres(process.env.T2M_DATABASE_URL ?? "", { max: 1, prepare: false, onnotice: () => {} });

const pages = 500;
const limit = 50;

async function history(): Promise<HistoryTimes> {
  const cursors = await sql<{ id: string }[]>`
    select id from jobs where user_id = ${userId} order by random() limit ${pages}`;
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const ways = {
    route: (cursor: string) => ask(agent, `${apiUrl}/history?limit=${limit}&cursor=${cursor}`),
    module: (cursor: string) => listHistory(userId, { limit, cursor }),
    bare,
  };
  const times: HistoryTimes = { route: [], module: [], bare: [] };
  for (const [index, { id }] of cursors.entries()) {
    for (const way of ["route", "module", "bare"] as const) {
      const began = performance.now();
      await ways[way](id);
      // The first are for sandbox, JIT and caches.
      if (index >= pages / 10) times[way].push(performance.now() - began);
    }
  }
  agent.destroy();
  return times;
}

async function bare(cursor: string): Promise<void> {
  const rows = await sql<{ id: string }[]>`
    select * from jobs where user_id = ${userId} and (removal is null or removal = 'expired') and id < ${cursor}
    order by id desc limit ${limit + 1}`;
  await sql`select * from file_metadata where job_id in ${sql(rows.slice(0, limit).map(({ id }) => id))}`;
}

function ask(agent: Agent, url: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = get(url, { agent, headers: { authorization: `Bearer ${token}` } }, (response) => {
      response.resume();
      response.once("end", () => {
        if (response.statusCode === 200) resolve();
        else reject(new Error(`${url} answered ${response.statusCode}`));
      });
    });
    request.once("error", reject);
  });
}

const openJobs = 50;
const perSecond = 200;
/** The job's own item moves on less often, as the second half of a change. */
const eventsPerVersion = 4;
const warmSeconds = 5;
const seconds = 30;

async function lag(): Promise<LagTimes> {
  const seen = new Map<string, number>();
  await sql.unsafe(`
    create function tell() returns trigger language plpgsql as $$ begin
      perform pg_notify('told', new.job_id || ' ' || new.sequence); return null;
    end $$;
    create trigger told after insert on job_events for each row execute function tell()`);
  // Told at the commit, so that nobody has to ask again and again.
  await sql.listen("told", (name) => seen.set(name, performance.now()));
  const jobs = await Promise.all(Array.from({ length: openJobs }, makeJob));
  const versions = jobs.map(() => 1);
  const committed = new Map<string, number>();
  const change = async (place: number) => {
    const index = place % openJobs;
    const job = jobs[index];
    if (!job) throw new Error("no such job");
    const version = (versions[index] ?? 0) + 1;
    versions[index] = version;
    const event = { type: "step.started", status: "queued", step: "convert", attempt: version } as const;
    // One by one, not as transactions: DynamoDB Local makes only some hundred of those a second.
    await putItem(eventItem(job, event, version, Date.now()));
    committed.set(`${job.jobId} ${version}`, performance.now());
    if (version % eventsPerVersion > 0) return;
    const update = { expression: "SET version = :version", values: { ":version": version } };
    await updateItem(jobItemKey(userId, job.jobId), update);
  };
  await openLoop(perSecond, warmSeconds, change);
  committed.clear();
  const began = performance.now();
  const { errors } = await openLoop(perSecond, seconds, change);
  const tookSeconds = (performance.now() - began) / 1000;
  const deadline = performance.now() + 30_000;
  while ([...committed.keys()].some((name) => !seen.has(name)) && performance.now() < deadline)
    await delay(100);
  const lags = [...committed].flatMap(([name, at]) => {
    const seenAt = seen.get(name);
    return seenAt === undefined ? [] : [Math.max(0, seenAt - at)];
  });
  return { lags, lost: committed.size - lags.length, errors, perSecond: committed.size / tookSeconds };
}

async function makeJob() {
  const { item, writes } = newJob({
    userId,
    uploadId: randomUUID(),
    sourceName: "song.wav",
    conversion: ConversionRequest.parse({ preset: "mp3" }),
    status: "queued",
    expiresAt: Math.floor(Date.now() / 1000) + 3_600,
    now: new Date(),
  });
  await transact(writes);
  return item;
}

const answers: Record<Question, () => Promise<unknown>> = { history, lag };
process.on("message", (question: Question) => {
  void answers[question]().then((answer) => process.send?.(answer));
});
process.once("disconnect", () => {
  void Promise.all([closeRecord(), sql.end({ timeout: 1 })]).then(() => process.exit(0));
});
