import { spawnSync } from "node:child_process";
import { SignedOutput } from "@t2m/contract/jobs";
import { jobPrefix } from "@t2m/contract/keys";
import { findBinaries } from "@t2m/core/ffmpeg/binaries";
import { jobItemKey } from "@t2m/core/live/keys";
import { updateItem } from "@t2m/core/live/table";
import { listVersions } from "@t2m/core/storage/versions";
import { sharedStack } from "@t2m/local/testing";
import { beforeAll, expect, test } from "vitest";
import { noise, Person } from "./support/person.ts";

const stack = sharedStack();
beforeAll(() => void Object.assign(process.env, stack.environment));

const mp3 = { preset: "mp3" };
const ended = async (person: Person, jobId: string) => {
  await expect
    .poll(async () => (await person.job(jobId)).status, { timeout: 30_000 })
    .toMatch(/completed|failed/);
  return await person.job(jobId);
};

test("[C2.1] [C2.3] [V4.5] by functions that know of no Postgres a file is converted, seen by polling and as events that can be resumed", async () => {
  expect(Object.keys(stack.environment)).not.toContain("T2M_DATABASE_URL");
  const person = await Person.arrive(stack);
  const { uploadId, jobIds } = await person.upload(noise(3), [mp3, { preset: "flac" }]);
  const [jobId = "", other = ""] = jobIds;
  const messages = await Array.fromAsync(person.listen(jobId));
  expect(messages[0]).toEqual({ event: ":", data: ": ok" });
  const facts = messages.filter(({ id }) => id);
  expect(facts.map(({ id, event }) => `${id} ${event}`)).toEqual([
    "1 job.created",
    "2 job.queued",
    "3 step.started",
    "4 step.completed",
    "5 job.completed",
  ]);
  const percents = messages
    .filter(({ event }) => event === "progress")
    .map(({ data }) => Object(data).percent);
  expect(percents).toEqual(percents.toSorted((a, b) => a - b));
  expect(percents.at(-1)).toBe(100);

  const job = await person.job(jobId);
  expect(job).toMatchObject({
    status: "completed",
    percent: 100,
    version: 5,
    uploadId,
    cancelRequested: false,
  });
  expect(job.outputs).toMatchObject([{ name: "output.mp3", fileName: "song.mp3", role: "main" }]);
  expect(await ended(person, other)).toMatchObject({
    status: "completed",
    outputs: [{ name: "output.flac" }],
  });

  expect(await person.facts(jobId, { "last-event-id": "3" })).toEqual(["step.completed", "job.completed"]);
  expect(await person.facts(jobId, { "last-event-id": "5" })).toEqual([]);
  for (const nonsense of ["-1", "x", "99", "3; drop"]) {
    expect(await person.facts(jobId, { "last-event-id": nonsense })).toHaveLength(5);
  }
});

async function pattern(): Promise<Buffer> {
  const input = ["-f", "lavfi", "-i", "testsrc2=size=320x240:rate=25:duration=2"];
  const format = ["-f", "mp4", "-movflags", "frag_keyframe+empty_moov", "pipe:1"];
  const parameters = ["-v", "error", ...input, "-c:v", "mpeg4", ...format];
  const made = spawnSync(findBinaries().ffmpeg, parameters, { maxBuffer: 10 ** 8 });
  if (made.status !== 0) throw new Error(String(made.stderr));
  return made.stdout;
}

test("[C3.3] [C3.5] [V4.2] [VD.5] a video's outputs, its thumbnail too, are signed for their owner alone, to download and to play; object and record tell its facts", async () => {
  const person = await Person.arrive(stack);
  const { jobIds } = await person.upload(await pattern(), [{ preset: "mp4" }], "Grüße.mp4");
  const [jobId = ""] = jobIds;
  const { outputs } = await ended(person, jobId);
  expect(outputs).toMatchObject([
    { role: "main", fileName: "Grüße.mp4", contentType: "video/mp4", widthPixels: 320 },
    { role: "poster", fileName: "Grüße-poster.jpg", contentType: "image/jpeg" },
  ]);
  for (const { name, contentType, sizeBytes } of outputs) {
    for (const use of ["download", "play"]) {
      const signed = await person.ask("GET", `/jobs/${jobId}/outputs/${name}?for=${use}`);
      const { url } = SignedOutput.parse(await signed.json());
      const got = await fetch(url);
      expect(got.headers.get("content-type")).toBe(contentType);
      expect(got.headers.get("content-disposition")).toMatch(use === "play" ? /^inline/ : /^attachment/);
      expect(got.headers.get("content-disposition")).toContain("Gr%C3%BC%C3%9Fe");
      expect(got.headers.get("x-amz-meta-job")).toBe(jobId);
      expect(got.headers.get("x-amz-meta-preset")).toBe("mp4");
      expect((await got.arrayBuffer()).byteLength).toBe(sizeBytes);
    }
  }
  const recorded = async () =>
    Object(await (await person.ask("GET", `/files?jobId=${jobId}&kind=main`)).json()).items;
  const { sizeBytes, durationSeconds } = outputs[0] ?? {};
  await expect.poll(recorded, { timeout: 20_000 }).toMatchObject([
    {
      name: "Grüße.mp4",
      contentType: "video/mp4",
      sizeBytes,
      facts: { durationSeconds, videoCodec: "h264", widthPixels: 320, heightPixels: 240 },
    },
  ]);
  expect((await person.ask("GET", `/jobs/${jobId}/outputs/other.mp4`)).status).toBe(404);
  const stranger = await Person.arrive(stack);
  expect((await stranger.ask("GET", `/jobs/${jobId}/outputs/output.mp4`)).status).toBe(404);
  const { jobIds: waiting } = await person.begin(noise(1), [mp3]);
  const early = await person.ask("GET", `/jobs/${waiting[0]}/outputs/output.mp3`);
  expect(await early.json()).toMatchObject({ status: 409, code: "job.not_finished" });
});

test("[C2.2] a stream that is open while ffmpeg works shows its progress; a cancel ends both", async () => {
  const person = await Person.arrive(stack);
  const { jobIds } = await person.upload(noise(3000), [mp3]);
  const [jobId = ""] = jobIds;
  const percents: number[] = [];
  const events: string[] = [];
  let asked = Number.NaN;
  for await (const { id, event, data } of person.listen(jobId)) {
    if (id) events.push(String(event));
    if (event === "progress") percents.push(Object(data).percent);
    if (percents.length < 3 || !Number.isNaN(asked)) continue;
    asked = performance.now();
    expect(await (await person.ask("POST", `/jobs/${jobId}/cancel`)).json()).toMatchObject({
      cancelRequested: true,
    });
  }
  // A poll of the stream's own comes on top of the worker's two seconds.
  expect(performance.now() - asked).toBeLessThan(3000);
  expect(events.slice(-3)).toEqual(["job.cancelling", "step.cancelled", "job.cancelled"]);
  expect(percents).toEqual(percents.toSorted((a, b) => a - b));
  expect(await person.job(jobId)).toMatchObject({ status: "cancelled", outputs: [] });
  expect(await (await person.ask("POST", `/jobs/${jobId}/cancel`)).json()).toMatchObject({
    status: "cancelled",
  });
});

test("[C2.5] a poll answers within 500 ms and says when to ask again, until there is nothing to wait for", async () => {
  const person = await Person.arrive(stack);
  const { jobIds } = await person.begin(noise(1), [mp3]);
  const path = `/jobs/${jobIds[0]}`;
  const milliseconds: number[] = [];
  for (let count = 0; count < 15; count++) {
    const asked = performance.now();
    const answer = await person.ask("GET", path);
    await answer.json();
    milliseconds.push(performance.now() - asked);
    expect([answer.status, answer.headers.get("retry-after")]).toEqual([200, "1"]);
    expect(answer.headers.get("cache-control")).toBe("no-store");
  }
  expect(milliseconds.toSorted((a, b) => a - b)[7]).toBeLessThan(500);
  await person.ask("POST", `${path}/cancel`);
  expect((await person.ask("GET", path)).headers.get("retry-after")).toBeNull();
});

test("a stream refuses before it begins: nobody, a forged token, another's job, a malformed id", async () => {
  const person = await Person.arrive(stack);
  const { jobIds } = await person.begin(noise(1), [mp3]);
  const path = `/jobs/${jobIds[0]}/events`;
  const stranger = await Person.arrive(stack);
  const answers = await Promise.all([
    fetch(stack.apiUrl + path),
    fetch(stack.apiUrl + path, { headers: { authorization: "Bearer e30.e30.e30" } }),
    stranger.ask("GET", path),
    person.ask("GET", "/jobs/not-an-id/events"),
  ]);
  expect(answers.map(({ status }) => status)).toEqual([401, 401, 404, 404]);
  for (const answer of answers) {
    expect(answer.headers.get("content-type")).toBe("application/problem+json");
    expect(await answer.json()).toMatchObject({ status: answer.status, code: expect.any(String) });
  }
});

test("where a proxy signs in `authorization`, the person's token comes beside it", async () => {
  const person = await Person.arrive(stack);
  const { jobIds } = await person.begin(noise(1), [mp3]);
  const [jobId = ""] = jobIds;
  const token = await stack.tokenFor("somebody else");
  const beside = await fetch(`${stack.apiUrl}/jobs/${jobId}/events`, {
    headers: { authorization: "AWS4-HMAC-SHA256 Credential=x", "x-t2m-authorization": `Bearer ${token}` },
  });
  // Signed in, as another: not a 401.
  expect(beside.status).toBe(404);
  await beside.body?.cancel();
});

test("[A2.3] a quiet stream is kept alive by comments", async () => {
  const person = await Person.arrive(stack);
  const { jobIds } = await person.begin(noise(1), [mp3]);
  const seen: string[] = [];
  for await (const { event } of person.listen(jobIds[0] ?? "")) {
    seen.push(event ?? "");
    if (seen.filter((name) => name === ":").length === 2) break;
  }
  expect(seen).toEqual([":", "job.created", "progress", ":"]);
}, 20_000);

test("a completed upload is converted once more, and the same idempotency key makes one job", async () => {
  const person = await Person.arrive(stack);
  const { uploadId, jobIds } = await person.upload(noise(2), []);
  expect(jobIds).toEqual([]);
  const request = { uploadId, conversion: { preset: "mp3", options: { bitrateKbps: 64 } } };
  const headers = { "idempotency-key": "once" };
  const answers = await Promise.all([1, 2, 3].map(() => person.ask("POST", "/jobs", request, headers)));
  const ids = await Promise.all(answers.map(async (answer) => Object(await answer.json()).id));
  expect(new Set(ids).size).toBe(1);
  expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
  const other = await person.ask("POST", "/jobs", { uploadId, conversion: mp3 }, headers);
  expect(await other.json()).toMatchObject({ status: 422, code: "idempotency.mismatch" });
  expect(await ended(person, ids[0])).toMatchObject({ status: "completed" });

  const { uploadId: open } = await person.begin(noise(1), []);
  const early = await person.ask("POST", "/jobs", { uploadId: open, conversion: mp3 });
  expect(await early.json()).toMatchObject({ status: 409, code: "upload.not_open" });
  const stranger = await Person.arrive(stack);
  expect((await stranger.ask("POST", "/jobs", request)).status).toBe(404);
});

async function objectsLeft(jobId: string, userId: string): Promise<number> {
  const pages = await Array.fromAsync(listVersions("videos", jobPrefix(userId, jobId)));
  return pages.flat().length;
}

test("[C6.3] a deleted job is not found any more, and its outputs are gone in every version", async () => {
  const person = await Person.arrive(stack);
  const { jobIds } = await person.upload(noise(2), [mp3]);
  const [jobId = ""] = jobIds;
  await ended(person, jobId);
  const userId = person.userId(stack.issuerUrl);
  expect(await objectsLeft(jobId, userId)).toBe(1);
  expect((await person.ask("DELETE", `/jobs/${jobId}`)).status).toBe(204);
  for (const [method, path] of [
    ["GET", ""],
    ["DELETE", ""],
    ["POST", "/cancel"],
    ["GET", "/events"],
    ["GET", "/outputs/output.mp3"],
  ]) {
    expect((await person.ask(String(method), `/jobs/${jobId}${path}`)).status).toBe(404);
  }
  await expect.poll(() => objectsLeft(jobId, userId), { timeout: 15_000 }).toBe(0);
});

test("[C3.4] [C6.2] [C6.3] an expired job is hidden at once, deleted by the table's TTL, and its objects go with it", async () => {
  const person = await Person.arrive(stack);
  const { jobIds } = await person.upload(noise(2), [mp3]);
  const [jobId = ""] = jobIds;
  await ended(person, jobId);
  const userId = person.userId(stack.issuerUrl);
  expect(await objectsLeft(jobId, userId)).toBe(1);
  const past = Math.floor(Date.now() / 1000) - 1;
  await updateItem(jobItemKey(userId, jobId), {
    expression: "SET expiresAt = :past",
    values: { ":past": past },
  });
  expect((await person.ask("GET", `/jobs/${jobId}`)).status).toBe(404);
  expect(await objectsLeft(jobId, userId)).toBe(1);
  expect(await stack.expireNow()).toBeGreaterThanOrEqual(1);
  await expect.poll(() => objectsLeft(jobId, userId), { timeout: 15_000 }).toBe(0);
});
