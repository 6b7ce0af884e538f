import { readdirSync, readFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import { createClient } from "@t2m/client/client";
import { base64OfCrc32 } from "@t2m/client/upload/crc32";
import { api, type OperationName } from "@t2m/contract/api";
import { Problem } from "@t2m/contract/errors";
import type { Route } from "@t2m/contract/route";
import { Health } from "@t2m/contract/service";
import { functions, http } from "@t2m/functions/manifest";
import { until } from "@t2m/local/processes/wait";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { good } from "../support/good-requests.ts";
import { makeMedia, newFolder, noise } from "../support/media.ts";
import { type OwnStack, startOwnStack } from "../support/own-stack.ts";
import { arrive, type Person } from "../support/person.ts";
import { ffmpegsIn } from "../support/processes.ts";
import { itemsOf, objectsOf } from "../support/stored.ts";
import { uploaded } from "../support/uploading.ts";

let folder: string;
let stack: OwnStack;
let short: string;
let long: string;
beforeAll(async () => {
  folder = await newFolder();
  short = await makeMedia(join(folder, "short.wav"), ...noise(3));
  long = await makeMedia(join(folder, "long.wav"), ...noise(900));
  stack = await startOwnStack({ hasPostgres: true });
});
const comeBack = () => {
  stack.s3.faults.clear();
  stack.door.judge(() => "pass");
};
afterEach(comeBack);
afterAll(async () => {
  await stack.stop();
  await rm(folder, { recursive: true });
});

/** S3 answers 503 to everything from now on, as when it is overloaded. */
const refuseS3 = () => stack.s3.faults.add({ kind: "refuse", times: Number.POSITIVE_INFINITY });
const refuseDynamodb = () => stack.door.judge(() => "refuse");
const forMs = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** What a request comes to, in the words of an outage. */
async function answerTo({ token }: Person, method: string, path: string, body?: object) {
  const response = await fetch(stack.apiUrl + path, {
    method,
    headers: { authorization: `Bearer ${token}`, ...(body && { "content-type": "application/json" }) },
    ...(body && { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  const isProblem = response.headers.get("content-type") === "application/problem+json";
  const code = isProblem ? Problem.parse(JSON.parse(text)).code : undefined;
  return { status: response.status, code, retryAfter: Number(response.headers.get("retry-after")) };
}
const tryLater = {
  status: 503,
  code: "service.unavailable",
  retryAfter: expect.toSatisfy((seconds: number) => seconds > 0),
};

/** The services that the deep health check misses. */
async function unavailable(): Promise<string[]> {
  const response = await fetch(`${stack.apiUrl}/health?check=deep`);
  expect(response.status).toBe(503);
  const { services } = Health.parse(await response.json());
  return services.filter(({ status }) => status === "unavailable").map(({ name }) => name);
}

/** An upload whose only part S3 has. */
async function sentWhole(person: Person, path: string) {
  const bytes = readFileSync(path);
  const { upload, jobs } = await person.client.createUpload({
    body: {
      name: "short.wav",
      type: "audio/wav",
      sizeBytes: bytes.length,
      conversions: [{ preset: "mp3", options: {} }],
    },
  });
  const params = { uploadId: upload.id };
  const wanted = [{ partNumber: 1, checksumCrc32: base64OfCrc32(crc32(bytes)) }];
  const { parts } = await person.client.signParts({ params, body: { parts: wanted } });
  const { url = "", headers = {} } = parts[0] ?? {};
  expect((await fetch(url, { method: "PUT", headers, body: bytes })).status).toBe(200);
  return { uploadId: upload.id, jobId: jobs[0]?.id ?? "", parts: wanted };
}

async function working(person: Person): Promise<string> {
  const { jobId } = await uploaded(person, long);
  await until("ffmpeg works", 20_000, async () => {
    const { percent } = await person.client.getJob({ params: { jobId } });
    return percent > 0 && ffmpegsIn(stack.directory).length > 0;
  });
  return jobId;
}

/** The job goes on and ends well, once. */
async function completes(person: Person, jobId: string): Promise<void> {
  const job = await person.ended(jobId);
  expect(job).toMatchObject({ status: "completed", percent: 100 });
  const updates = await Array.fromAsync(person.client.streamJob({ params: { jobId } }));
  const events = updates.flatMap((update) => (update.type === "event" ? [update.event] : []));
  expect(events.map(({ sequence }) => sequence)).toEqual(events.map((_, index) => index + 1));
  expect(events.filter(({ type }) => type === "job.completed")).toHaveLength(1);
  expect(await objectsOf(person.userId, ["videos"])).toHaveLength(1);
}

test("[C7.5] [C8.5] while S3 refuses, what needs it answers 503 and when to come again; the rest goes on, and nothing is lost", async () => {
  const person = await arrive(stack);
  const { uploadId, jobId } = await sentWhole(person, short);
  const unwanted = await sentWhole(person, short);
  const before = await itemsOf(stack.dynamodb, person.userId);
  refuseS3();
  const body = { name: "b.wav", type: "audio/wav", sizeBytes: 10 };
  expect(await answerTo(person, "POST", "/uploads", body)).toEqual(tryLater);
  expect(await answerTo(person, "GET", `/uploads/${uploadId}/parts`)).toEqual(tryLater);
  expect(await answerTo(person, "POST", `/uploads/${uploadId}/complete`)).toEqual(tryLater);
  expect(await answerTo(person, "DELETE", `/uploads/${unwanted.uploadId}`)).toEqual(tryLater);
  for (const path of ["/uploads", `/uploads/${uploadId}`, "/jobs", `/jobs/${jobId}`, "/presets", "/health"]) {
    expect([path, (await answerTo(person, "GET", path)).status]).toEqual([path, 200]);
  }
  expect(await unavailable()).toEqual(["object store"]);
  comeBack();

  expect(await itemsOf(stack.dynamodb, person.userId)).toEqual(before);
  expect((await answerTo(person, "DELETE", `/uploads/${unwanted.uploadId}`)).status).toBe(204);
  expect((await answerTo(person, "POST", `/uploads/${uploadId}/complete`)).status).toBe(200);
  await completes(person, jobId);
});

test("[C7.5] [C8.5] [V4.5] while DynamoDB is away, the live plane answers 503 and when to come again, and the record goes on; what was there is there afterwards", async () => {
  const person = await arrive(stack);
  const { uploadId, jobId } = await sentWhole(person, short);
  const before = await itemsOf(stack.dynamodb, person.userId);
  refuseDynamodb();
  const operations = Object.entries(api).map(
    ([name, { route }]) => [name as OperationName, route as Route] as const,
  );
  const isOfRecord = (name: OperationName) => "database" in functions[http[name]];
  for (const path of ["/me", "/history", "/files", "/batches", "/queue"]) {
    expect([path, (await answerTo(person, "GET", path)).status]).toEqual([path, 200]);
  }
  for (const [name, route] of operations) {
    if (route.access !== "user" || isOfRecord(name)) continue;
    const { method, path, body } = good(name, route);
    const answer = await answerTo(
      person,
      method,
      path,
      typeof body === "string" ? JSON.parse(body) : undefined,
    );
    expect([name, answer]).toEqual([name, tryLater]);
  }
  expect((await answerTo(person, "GET", "/presets")).status).toBe(200);
  expect(await unavailable()).toEqual(["live table"]);
  comeBack();

  expect(await itemsOf(stack.dynamodb, person.userId)).toEqual(before);
  expect((await answerTo(person, "POST", `/uploads/${uploadId}/complete`)).status).toBe(200);
  await completes(person, jobId);
});

test("[C7.5] a DynamoDB that is there but does not answer is 503 too, and keeps nobody waiting for long", async () => {
  const person = await arrive(stack);
  await answerTo(person, "GET", "/jobs");
  const pid = readdirSync("/proc").find((name) => {
    if (!/^\d+$/.test(name)) return false;
    const command = commandOf(name);
    return command.includes("DynamoDBLocal.jar") && command.includes(stack.directory);
  });
  process.kill(Number(pid), "SIGSTOP");
  try {
    const asked = performance.now();
    expect(await answerTo(person, "GET", "/jobs")).toEqual(tryLater);
    expect(performance.now() - asked).toBeLessThan(12_000);
  } finally {
    process.kill(Number(pid), "SIGCONT");
  }
  await until("it answers again", 5_000, async () => (await answerTo(person, "GET", "/jobs")).status === 200);
});

function commandOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "latin1");
  } catch {
    return "";
  }
}

test.each([
  ["S3", refuseS3, 1_000],
  ["DynamoDB", refuseDynamodb, 3_000],
])(
  "[C7.5] [C8.5] %s goes away while a job is converted and comes back: the job is finished, once",
  async (_, goAway, ms) => {
    const person = await arrive(stack);
    const jobId = await working(person);
    goAway();
    await forMs(ms);
    comeBack();
    await completes(person, jobId);
  },
);

test("[C7.5] a client that begins while DynamoDB is away and sends while S3 refuses waits and gets there: one upload, one job", async () => {
  const person = await arrive(stack);
  const client = createClient({ baseUrl: stack.apiUrl, token: person.token });
  refuseDynamodb();
  const parts = {
    kind: "refuse",
    times: 3,
    match: ({ query }: { query: URLSearchParams }) => query.has("partNumber"),
  } as const;
  stack.s3.faults.add(parts);
  const uploading = uploaded({ client }, short);
  await forMs(700);
  stack.door.judge(() => "pass");
  const { jobId } = await uploading;
  expect(stack.s3.faults.left).toBe(0);
  await completes(person, jobId);
  expect((await client.listUploads()).items).toHaveLength(1);
  expect((await client.listJobs()).items).toHaveLength(1);
});

test("[V4.5] Postgres is killed, and the main job does not notice", async () => {
  const database = await stack.database;
  expect(database).toBeDefined();
  const file = readFileSync(join(stack.directory, "postgres/data/postmaster.pid"), "utf8");
  process.kill(Number(file.split("\n")[0]), "SIGKILL");
  const person = await arrive(stack);
  const { jobId } = await uploaded(person, short);
  await completes(person, jobId);
  const { name = "" } = (await person.client.getJob({ params: { jobId } })).outputs[0] ?? {};
  const { url } = await person.client.signOutput({ params: { jobId, name } });
  expect((await fetch(url)).status).toBe(200);
  expect(stack.failures.list()).toEqual([]);
});
