import type { Upload } from "@t2m/contract/uploads";
import { isNotFound } from "../lib/problem.ts";
import { client } from "../session/client.ts";
import { session } from "../session/session.ts";
import { learnFacts } from "./actions.ts";
import { conversionOf, kindOf, presetFor } from "./choose.ts";
import { convertAgain, pump } from "./engine.ts";
import { isFinal, putJob, watchJob } from "./jobs.ts";
import type { Row } from "./row.ts";
import { type Attachment, addRows, allRows, keepRows } from "./rows.ts";
import { forgetRow, livingTabs, type SavedRow, savedRows } from "./saved.ts";

type Restored = { row: Row; attachment: Attachment };

const settledAfterMs = 30_000;

/** Takes up what an earlier load of the page was doing for this person. Rows of tabs that are open are left to them. */
export async function restoreRows(person: string): Promise<void> {
  const [saved, isLiving] = await Promise.all([savedRows(person), livingTabs()]);
  const uploads = await latestUploads();
  const own = saved.filter(({ tab }) => !isLiving(tab));
  const rows = await Promise.all(own.map((row) => restore(row, uploads)));
  takeIn(rows.flatMap((row) => row ?? []));
  setTimeout(() => void adoptSettled(person, uploads).catch(() => undefined), settledAfterMs);
}

/** Open uploads of another browser that have not moved for a while are offered here, too. */
async function adoptSettled(person: string, before: ReadonlyMap<string, Upload>): Promise<void> {
  const state = session.get();
  if (state.status !== "signed-in" || state.person.subject !== person) return;
  const [saved, uploads] = await Promise.all([savedRows(person), latestUploads()]);
  const known = new Set([...saved, ...allRows()].map(({ uploadId }) => uploadId));
  const settled = [...uploads.values()].filter(
    ({ id, status, partsCompleted }) =>
      status === "open" && !known.has(id) && before.get(id)?.partsCompleted === partsCompleted,
  );
  takeIn((await Promise.all(settled.map(adopt))).flat());
}

async function latestUploads(): Promise<ReadonlyMap<string, Upload>> {
  const { items } = await client.listUploads({ query: { limit: 100 } });
  return new Map(items.map((upload) => [upload.id, upload]));
}

function takeIn(all: readonly Restored[]): void {
  addRows(
    all.map(({ row }) => row),
    all.map(({ attachment }) => attachment),
  );
  keepRows(all.map(({ row }) => row.id));
  for (const { row, attachment } of all) {
    if (row.phase === "uploaded") for (const jobId of row.jobIds) watchJob(jobId);
    // The page was closed between the upload's end and the conversion that was chosen meanwhile.
    if (row.phase === "uploaded" && row.isChanged) void convertAgain(row.id).catch(() => undefined);
    if (attachment.file) void learnFacts(row.id);
  }
  pump();
}

async function restore(saved: SavedRow, uploads: ReadonlyMap<string, Upload>): Promise<Restored | undefined> {
  const { person: _, tab: __, addedAt: ___, isUploaded, uploadId, modifiedAt, handle, ...rest } = saved;
  const row: Row = {
    ...rest,
    ...(uploadId && { uploadId }),
    ...(modifiedAt !== undefined && { modifiedAt }),
    phase: "needs-file",
  };
  const upload = uploadId === undefined ? undefined : (uploads.get(uploadId) ?? (await find(uploadId)));
  if (uploadId && !upload && !isUploaded) return { row: { ...row, phase: "gone" }, attachment: {} };
  if (isUploaded || upload?.status === "completed")
    return { row: { ...row, phase: "uploaded" }, attachment: {} };
  if (upload?.status === "aborted") {
    void forgetRow(saved.id);
    return undefined;
  }
  const progress = upload && progressOf(upload);
  const known = { ...row, ...(progress && { progress, partCount: upload.partCount }) };
  if (!handle) return { row: known, attachment: {} };
  const granted = (await handle.queryPermission?.({ mode: "read" }).catch(() => "denied")) === "granted";
  const file = granted ? await handle.getFile().catch(() => undefined) : undefined;
  if (file) return { row: { ...known, phase: "queued" }, attachment: { file, handle } };
  return { row: { ...known, phase: "needs-permission" }, attachment: { handle } };
}

const progressOf = ({ bytesCompleted, sizeBytes, percent, partsCompleted }: Upload) => ({
  phase: "sending" as const,
  bytesSent: bytesCompleted,
  sizeBytes,
  percent,
  bytesPerSecond: 0,
  partsStored: partsCompleted,
  partsRetrying: 0,
});

async function find(uploadId: string): Promise<Upload | undefined> {
  try {
    return await client.getUpload({ params: { uploadId } });
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

/** A row for an upload that is open and that nobody here works on, if anybody still wants it. */
async function adopt(upload: Upload): Promise<Restored[]> {
  const { id: uploadId, name, type, sizeBytes, jobIds, partCount } = upload;
  const [jobId] = jobIds;
  const job = jobId ? await client.getJob({ params: { jobId } }).catch(() => undefined) : undefined;
  // Whoever cancelled it wants no more of it.
  if (job && isFinal(job)) return [];
  if (job) putJob(job);
  const row: Row = {
    id: crypto.randomUUID(),
    name,
    type,
    sizeBytes,
    kind: kindOf(upload),
    wanted: job?.conversion ?? conversionOf(presetFor(upload, "auto")),
    phase: "needs-file",
    uploadId,
    jobIds,
    droppedJobIds: [],
    isChanged: jobIds.length === 0,
    partCount,
    progress: progressOf(upload),
  };
  return [{ row, attachment: {} }];
}
