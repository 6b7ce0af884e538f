import { fileSource } from "@t2m/client/browser/file";
import { ApiProblem, Unreachable } from "@t2m/client/problem";
import type { UploadProgress } from "@t2m/client/upload/progress";
import type { ResumeStore } from "@t2m/client/upload/resume";
import { FileChanged, FileDiffers, type Uploading, upload } from "@t2m/client/upload/upload";
import { partBytesFor, partCountFor } from "@t2m/contract/limits";
import { announce } from "../lib/announce.ts";
import { online } from "../lib/online.ts";
import { isNotFound, problemText } from "../lib/problem.ts";
import { client } from "../session/client.ts";
import { session } from "../session/session.ts";
import { text } from "../text.ts";
import { watchJob } from "./jobs.ts";
import type { Phase } from "./row.ts";
import { allRows, attach, changeRow, dropRow, fileOf, idsInOrder, keepRow, rowOf } from "./rows.ts";
import { forgetRow } from "./saved.ts";

// A browser has six connections to an origin without HTTP/2, which S3 does not speak.
const partsAtOnce = 6;
const partsOfOne = 4;
const running = new Map<string, { uploading: Uploading; parts: number }>();

/** A paused upload leaves its connections to others. */
const partsTaken = () =>
  [...running].reduce((sum, [id, { parts }]) => sum + (rowOf(id)?.phase === "paused" ? 0 : parts), 0);

/** Starts uploads that wait, the oldest first, as far as there are connections for their parts. */
export function pump(): void {
  if (session.get().status !== "signed-in" || !online.get()) return;
  for (const id of idsInOrder()) {
    const row = rowOf(id);
    const file = fileOf(id);
    if (row?.phase !== "queued" || !file || running.has(id)) continue;
    const parts = Math.min(partsOfOne, partCountFor(row.sizeBytes, partBytesFor(row.sizeBytes)));
    const taken = partsTaken();
    if (taken > 0 && taken + parts > partsAtOnce) return;
    void run(id, file, parts).finally(pump);
  }
}

async function run(id: string, file: File, parallel: number): Promise<void> {
  try {
    await send(id, file, parallel);
    await finish(id);
  } catch (error) {
    await fail(id, error);
  } finally {
    running.delete(id);
  }
}

async function send(id: string, file: File, parallel: number): Promise<void> {
  const row = rowOf(id);
  if (!row) return;
  const { wanted, uploadId } = row;
  changeRow(id, { phase: uploadId ? "checking" : "starting", problem: undefined });
  const going = upload(client, fileSource(file), {
    conversions: [wanted],
    parallel,
    store: resumeStoreOf(id),
    onlyResume: uploadId !== undefined,
    onProgress: (progress) => showProgress(id, progress),
    onBegun: ({ upload: begun, resumedBytes }) => {
      const now = rowOf(id);
      changeRow(id, { uploadId: begun.id, partCount: begun.partCount });
      if (!uploadId) {
        changeRow(id, { jobIds: begun.jobIds });
        // Another format may have been chosen while the upload was being made.
        if (now && now.wanted !== wanted) dropJobs(id);
      }
      if (resumedBytes > 0) announce(text.announce.resumed(row.name));
      keepRow(id);
    },
  });
  running.set(id, { uploading: going, parts: parallel });
  const done = await going.finished;
  const dropped = rowOf(id)?.droppedJobIds ?? [];
  changeRow(id, {
    phase: "uploaded",
    uploadId: done.id,
    jobIds: done.jobIds.filter((jobId) => !dropped.includes(jobId)),
  });
  announce(text.announce.uploaded(row.name));
}

/** The upload is there: its jobs are followed, and what was chosen meanwhile is asked for. */
async function finish(id: string): Promise<void> {
  const row = rowOf(id);
  if (!row) return;
  keepRow(id);
  for (const jobId of row.jobIds) watchJob(jobId);
  await deleteLeftovers(row.droppedJobIds).catch(() => undefined);
  if (row.isChanged) await convertAgain(id);
}

/** Makes another job of an uploaded row, as it is wanted now. Throws what the API refuses. */
export async function convertAgain(id: string): Promise<void> {
  const row = rowOf(id);
  if (!row?.uploadId) return;
  const job = await client.createJob({ body: { uploadId: row.uploadId, conversion: row.wanted } });
  changeRow(id, { jobIds: [...row.jobIds, job.id], isChanged: false, problem: undefined });
  watchJob(job.id);
  keepRow(id);
}

function showProgress(id: string, progress: UploadProgress): void {
  const now = rowOf(id)?.phase;
  const phase: Phase | undefined = progress.phase === "completed" ? undefined : progress.phase;
  changeRow(id, { progress, ...(now !== "paused" && phase && { phase }) });
}

/** The uploader's memory is the row itself, which is written down with its file's handle. */
function resumeStoreOf(id: string): ResumeStore {
  return {
    get: async () => rowOf(id)?.uploadId,
    async set(_, uploadId) {
      changeRow(id, { uploadId });
      keepRow(id);
    },
    // When it is completed the row keeps the id to convert again; when it was given up, `fail` takes it away.
    remove: async () => undefined,
  };
}

async function fail(id: string, error: unknown): Promise<void> {
  const row = rowOf(id);
  if (!row) return;
  const stop = (problem: string, { phase = "failed" as Phase, canRetry = true } = {}) => {
    changeRow(id, { phase, problem: { text: problem, canRetry } });
    announce(text.announce.failed(row.name, problem));
    keepRow(id);
  };
  if (row.phase === "uploaded") return stop(problemText(error), { phase: "uploaded" });
  if (error instanceof FileDiffers) return otherFileOrGone(id, stop);
  if (error instanceof FileChanged) {
    forgetUpload(id);
    return stop(text.problem.changed);
  }
  if (error instanceof DOMException && error.name !== "AbortError") {
    attach(id, {});
    return stop(text.problem.unreadable, { phase: "needs-file" });
  }
  if (error instanceof ApiProblem && isFinalRefusal(error)) {
    stop(problemText(error), { canRetry: false });
    // There is nothing to go on with after a reload.
    return forgetRow(id);
  }
  if (error instanceof ApiProblem) return stop(problemText(error));
  if (error instanceof Unreachable) return stop(problemText(error));
  stop(text.problem.refused);
}

const isFinalRefusal = ({ status }: ApiProblem) => status === 413 || status === 415 || status === 422;

function forgetUpload(id: string): void {
  changeRow(id, {
    uploadId: undefined,
    jobIds: [],
    droppedJobIds: [],
    isChanged: false,
    progress: undefined,
  });
}

/** The chosen file does not go with what is stored: because it is another, or because nothing is stored any more. */
async function otherFileOrGone(
  id: string,
  stop: (problem: string, how: { phase: Phase }) => void,
): Promise<void> {
  const row = rowOf(id);
  if (!row?.uploadId) return;
  const upload = await client.getUpload({ params: { uploadId: row.uploadId } }).catch((error: unknown) => {
    if (isNotFound(error)) return undefined;
    throw error;
  });
  if (upload?.status === "open") {
    attach(id, {});
    return stop(text.problem.otherFile(row.name), { phase: "needs-file" });
  }
  forgetUpload(id);
  changeRow(id, { phase: "queued" });
}

export function pause(id: string): void {
  changeRow(id, { phase: "paused" });
  running.get(id)?.uploading.pause();
  pump();
}

export function resume(id: string): void {
  const going = running.get(id)?.uploading;
  changeRow(id, { phase: going ? "sending" : "queued", problem: undefined });
  if (online.get()) going?.resume();
  pump();
}

/** Gives up what is not uploaded; what is, leaves the page only and stays in the history. */
export async function remove(id: string): Promise<void> {
  const row = rowOf(id);
  const going = running.get(id)?.uploading;
  dropRow(id);
  if (!row || row.phase === "uploaded" || row.phase === "gone") return;
  // What cannot be freed now expires by itself.
  if (going) await going.abort().catch(() => undefined);
  else if (row.uploadId) {
    await client.abortUpload({ params: { uploadId: row.uploadId } }).catch(() => undefined);
  }
  await Promise.all(row.jobIds.map(deleteJob));
}

const deleteJob = (jobId: string) => client.deleteJob({ params: { jobId } }).catch(() => undefined);

/** Of the jobs that were dropped, those that are still there: the network may have been away. */
async function deleteLeftovers(dropped: readonly string[]): Promise<void> {
  if (dropped.length === 0) return;
  const { items } = await client.listJobs({ query: { limit: 100 } });
  await Promise.all(items.filter(({ id }) => dropped.includes(id)).map(({ id }) => deleteJob(id)));
}

/** The jobs that came with the upload shall not start: another conversion is wanted. */
export function dropJobs(id: string): void {
  const row = rowOf(id);
  if (!row) return;
  changeRow(id, { jobIds: [], droppedJobIds: [...row.droppedJobIds, ...row.jobIds], isChanged: true });
  keepRow(id);
  for (const jobId of row.jobIds) void deleteJob(jobId);
}

/** Lets go of every upload, as at sign-out; what is stored stays. */
export function stopAll(): void {
  for (const { uploading } of running.values()) uploading.pause();
  running.clear();
}

// Without a network parts are not tried in vain, and go on at once when it is back.
online.subscribe(() => {
  for (const [id, { uploading }] of running) {
    if (!online.get()) uploading.pause();
    else if (rowOf(id)?.phase !== "paused") uploading.resume();
  }
  if (!online.get()) return;
  for (const row of allRows()) {
    if (row.phase === "failed" && row.problem?.canRetry)
      changeRow(row.id, { phase: "queued", problem: undefined });
  }
  pump();
});
