import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { download } from "@t2m/client/cli/download";
import type { Client } from "@t2m/client/client";
import type { JobUpdate } from "@t2m/client/events";
import { fileSource } from "@t2m/client/node/file";
import { folderStore } from "@t2m/client/node/store";
import { ApiProblem } from "@t2m/client/problem";
import { upload } from "@t2m/client/upload/upload";
import type { ErrorCode } from "@t2m/contract/errors";
import { finalStatuses, type Job, type JobEvent, type Output } from "@t2m/contract/jobs";
import { conversions, storeScope } from "./wanted.ts";
import { writeWav } from "./wav.ts";

/** What the checks stand on, and what they find out for those after them. */
export type Scene = {
  apiUrl: string;
  token: string;
  client: Client;
  /** Without a token. */
  stranger: Client;
  /** Of somebody else, where a second token was given. */
  other: Client | undefined;
  folder: string;
  uploadId?: string;
  jobId?: string;
  output?: Output;
  /** To delete at the end. */
  made: { uploads: Set<string>; jobs: Set<string> };
};

export type Check = { title: string; needs?: "upload" | "job" | "other"; run(scene: Scene): Promise<void> };

const wavSeconds = 180;
const endsWithinMs = 5 * 60_000;
const recordedWithinMs = 60_000;
const killedUpload = fileURLToPath(new URL("killed-upload.ts", import.meta.url));
const nobodysId = "0199a5b2-6c1f-7e21-8a3d-2f7c9b0e4d15";

export const checks: readonly Check[] = [
  { title: "the service and everything behind it is well", run: isWell },
  { title: "presets are listed for anybody", run: listsPresets },
  { title: "nobody gets anything without a token", run: wantsToken },
  { title: "an upload is killed in the middle and resumed: only missing parts are sent", run: resumes },
  { title: "its conversion runs, and every event comes once and in order", needs: "upload", run: converts },
  { title: "the event stream resumes after any event", needs: "job", run: resumesEvents },
  {
    title: "the result downloads under the file's own name, whole or by range",
    needs: "job",
    run: downloads,
  },
  { title: "the record tells of it, where the stage keeps one", needs: "job", run: isRecorded },
  { title: "a running conversion is cancelled", needs: "upload", run: cancels },
  { title: "another person gets 404 for all of it", needs: "other", run: hidesFromOthers },
  { title: "bad requests are refused with their reason", run: refusesBadRequests },
  { title: "a file that is no media fails with a reason", run: failsOnText },
  { title: "what is deleted is gone", needs: "upload", run: deletes },
];

async function isWell({ client }: Scene): Promise<void> {
  const { status, services } = await client.checkHealth({ query: { check: "deep" } });
  assert.equal(status, "ok", JSON.stringify(services));
}

async function listsPresets({ stranger }: Scene): Promise<void> {
  const presets = await stranger.listPresets();
  assert.ok(presets.some(({ id }) => id === "mp3"));
}

async function wantsToken({ stranger }: Scene): Promise<void> {
  await refused("auth.required", stranger.listJobs());
  await refused("auth.required", stranger.getUpload({ params: { uploadId: nobodysId } }));
}

async function resumes(scene: Scene): Promise<void> {
  const { apiUrl, token, client, folder, made } = scene;
  const path = join(folder, "smoke tëst.wav");
  await writeWav(path, wavSeconds);
  const state = join(folder, "uploads");
  const child = spawn(process.execPath, [killedUpload, apiUrl, token, path, state], { stdio: "inherit" });
  const [, signal] = await once(child, "exit");
  assert.equal(signal, "SIGKILL", "the upload ended before it could be killed");

  let resumedBytes = 0;
  const completed = await upload(client, await fileSource(path), {
    conversions,
    store: folderStore(state, storeScope),
    onBegun: (begun) => {
      resumedBytes = begun.resumedBytes;
    },
  }).finished;
  made.uploads.add(completed.id);
  scene.uploadId = completed.id;
  scene.jobId = completed.jobIds[0] ?? "";
  assert.ok(resumedBytes > 0, "the upload began anew");
  assert.equal(completed.status, "completed");
  assert.equal(completed.percent, 100);
}

async function converts(scene: Scene): Promise<void> {
  const { client, jobId = "", made } = scene;
  made.jobs.add(jobId);
  const events: JobEvent[] = [];
  let lastPercent = 0;
  for await (const update of streamed(client, jobId)) {
    if (update.type === "event") events.push(update.event);
    else {
      assert.ok(
        update.percent >= lastPercent,
        `the percentage fell from ${lastPercent} to ${update.percent}`,
      );
      lastPercent = update.percent;
    }
  }
  assert.deepEqual(
    events.map(({ sequence }) => sequence),
    events.map((_, index) => index + 1),
  );
  const job = await client.getJob({ params: { jobId } });
  assert.equal(job.status, "completed", job.failure?.message);
  assert.equal(job.percent, 100);
  assert.equal(job.version, events.length);
  const output = job.outputs.find(({ role }) => role === "main");
  assert.ok(output, "there is no output");
  assert.equal(output.audioCodec, "mp3");
  assert.ok(Math.abs((output.durationSeconds ?? 0) - wavSeconds) < 0.2, `${output.durationSeconds} seconds`);
  scene.output = output;
}

async function resumesEvents({ client, jobId = "" }: Scene): Promise<void> {
  const { version } = await client.getJob({ params: { jobId } });
  for (const after of [0, 1, version - 1]) {
    const sequences: number[] = [];
    for await (const update of streamed(client, jobId, after)) {
      if (update.type === "event") sequences.push(update.event.sequence);
    }
    assert.deepEqual(
      sequences,
      Array.from({ length: version - after }, (_, index) => after + index + 1),
    );
  }
}

async function downloads({ client, jobId = "", output, folder }: Scene): Promise<void> {
  assert.ok(output);
  const params = { jobId, name: output.name };
  const { url } = await client.signOutput({ params });
  const part = await fetch(url, { headers: { range: "bytes=10-19" } });
  assert.equal(part.status, 206);
  assert.equal(part.headers.get("content-type"), "audio/mpeg");
  const disposition = part.headers.get("content-disposition") ?? "";
  assert.ok(disposition.startsWith("attachment"), disposition);
  assert.ok(disposition.includes(encodeURIComponent("smoke tëst.mp3")), disposition);
  const range = Buffer.from(await part.arrayBuffer());
  const path = join(folder, "result.mp3");
  const { sizeBytes, checksumCrc32 } = output;
  const sign = async () => url;
  await download(path, { sign, sizeBytes, checksumCrc32, signal: AbortSignal.timeout(endsWithinMs) });
  const whole = await readFile(path);
  assert.ok(whole.subarray(10, 20).equals(range), "the range is not the file's");
  const playing = await client.signOutput({ params, query: { for: "play" } });
  const played = await fetch(playing.url);
  assert.ok(played.headers.get("content-disposition")?.startsWith("inline"));
  await played.body?.cancel();
}

async function cancels({ client, uploadId = "", made }: Scene): Promise<void> {
  const job = await client.createJob({ body: { uploadId, conversion: { preset: "mp3" } } });
  made.jobs.add(job.id);
  await client.cancelJob({ params: { jobId: job.id } });
  const ended = await end(client, job.id);
  assert.equal(ended.status, "cancelled");
  await client.cancelJob({ params: { jobId: job.id } });
}

async function hidesFromOthers({ other, uploadId = "", jobId = "", output }: Scene): Promise<void> {
  assert.ok(other && output);
  await refused("not_found", other.getUpload({ params: { uploadId } }));
  await refused("not_found", other.listParts({ params: { uploadId } }));
  await refused("not_found", other.abortUpload({ params: { uploadId } }));
  await refused("not_found", other.getJob({ params: { jobId } }));
  await refused("not_found", other.cancelJob({ params: { jobId } }));
  await refused("not_found", other.deleteJob({ params: { jobId } }));
  await refused("not_found", other.signOutput({ params: { jobId, name: output.name } }));
  await refused("not_found", other.createJob({ body: { uploadId, conversion: { preset: "mp3" } } }));
  await refused("not_found", other.streamJob({ params: { jobId } }).next());
  const { items } = await other.listJobs();
  assert.ok(items.every(({ id }) => id !== jobId));
}

/** It follows the live table, so a moment may pass; a stage without a record has no such route. */
async function isRecorded({ client, jobId }: Scene): Promise<void> {
  const isAbsent = (error: unknown) => error instanceof ApiProblem && error.code === "not_found";
  for (const deadline = Date.now() + recordedWithinMs; ; await delay(500)) {
    const page = await client.listHistory({ query: { limit: 20 } }).catch((error: unknown) => {
      if (isAbsent(error)) return undefined;
      throw error;
    });
    const job = page?.items.find(({ id }) => id === jobId);
    if (!page || job?.status === "completed") return;
    assert.ok(Date.now() < deadline, `the record still says ${job?.status ?? "nothing"} of ${jobId}`);
  }
}

async function refusesBadRequests({ client }: Scene): Promise<void> {
  const good = { name: "a.wav", type: "audio/wav", sizeBytes: 10 };
  await refused("request.invalid", client.createUpload({ body: { ...good, name: "../a.wav" } }));
  await refused("request.invalid", client.createUpload({ body: { ...good, name: "" } }));
  await refused("request.invalid", client.createUpload({ body: { ...good, sizeBytes: 0 } }));
  await refused("request.invalid", client.createUpload({ body: { ...good, sizeBytes: 1.5 } }));
  await refused(
    "upload.type_unsupported",
    client.createUpload({ body: { ...good, type: "application/zip" } }),
  );
  await refused("not_found", client.getUpload({ params: { uploadId: nobodysId } }));
  await refused("not_found", client.getJob({ params: { jobId: "../../etc/passwd" } }));
  await refused("request.invalid", client.listJobs({ query: { limit: 1_000 } }));
}

async function failsOnText({ client, folder, made }: Scene): Promise<void> {
  const path = join(folder, "letter.mp3");
  await writeFile(path, "Dear reader, this is no music.\n".repeat(100));
  const { id, jobIds } = await upload(client, await fileSource(path), { conversions: [{ preset: "mp3" }] })
    .finished;
  made.uploads.add(id);
  const [jobId = ""] = jobIds;
  made.jobs.add(jobId);
  const job = await end(client, jobId);
  assert.equal(job.status, "failed");
  assert.match(job.failure?.code ?? "", /^media\./);
  assert.ok(job.failure?.message);
}

async function deletes({ client, made }: Scene): Promise<void> {
  for (const jobId of made.jobs) {
    await client.deleteJob({ params: { jobId } });
    await refused("not_found", client.getJob({ params: { jobId } }));
    made.jobs.delete(jobId);
  }
  for (const uploadId of made.uploads) {
    await client.abortUpload({ params: { uploadId } });
    await refused("not_found", client.getUpload({ params: { uploadId } }));
    made.uploads.delete(uploadId);
  }
}

function streamed(client: Client, jobId: string, after = 0): AsyncGenerator<JobUpdate, void> {
  return client.streamJob({ params: { jobId }, after, signal: AbortSignal.timeout(endsWithinMs) });
}

async function end(client: Client, jobId: string): Promise<Job> {
  for await (const _ of streamed(client, jobId)) {
    // Only its end is of interest.
  }
  const job = await client.getJob({ params: { jobId } });
  assert.ok(finalStatuses.includes(job.status));
  return job;
}

async function refused(code: ErrorCode, call: Promise<unknown>): Promise<void> {
  const outcome = await call.then(
    () => "it was allowed",
    (error: unknown) => (error instanceof ApiProblem ? error.code : String(error)),
  );
  assert.equal(outcome, code);
}
