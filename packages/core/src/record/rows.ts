import type { Output } from "@t2m/contract/jobs";
import { objectKey } from "@t2m/contract/keys";
import { v5 } from "uuid";
import type { fileMetadata } from "../database/schema/file-metadata.ts";
import type { JobMetrics, jobEvents, jobs } from "../database/schema/jobs.ts";
import { outputRef } from "../jobs/delivery.ts";
import type { EventItem, JobItem } from "../jobs/items.ts";
import { jobPercent } from "../jobs/percent.ts";
import type { UploadItem } from "../uploads/item.ts";
import { storable } from "./text.ts";

// What rows live items make. Pure: an item at one version is one row, whenever and however often it is recorded.

export type JobRow = typeof jobs.$inferInsert;
export type FileRow = typeof fileMetadata.$inferInsert;
export type EventRow = typeof jobEvents.$inferInsert;

export function jobRow(item: JobItem): JobRow {
  const [stage] = Object.keys(item.leases).sort();
  return storable({
    id: item.jobId,
    userId: item.userId,
    uploadId: item.uploadId,
    kind: item.kind,
    status: item.status,
    topic: item.sourceName,
    configuration: item.conversion,
    // Without what leases say: they move on between two versions.
    progressPercentage: jobPercent({ ...item, leases: {} }),
    currentStage: stage ?? null,
    errorInfo: item.failure ?? null,
    metrics: metricsOf(item),
    version: item.version,
    cancelRequested: item.cancelRequested,
    createdAt: new Date(item.createdAt),
    startedAt: dateOf(item.startedAt),
    finishedAt: dateOf(item.finishedAt),
    expiresAt: new Date(item.expiresAt * 1000),
  });
}

/** Of a job that has ended: the objects it made. */
export function outputRows(item: JobItem): FileRow[] {
  return (item.outputs ?? []).map((output) => outputRow(item, output));
}

/** The object of a completed upload. */
export function sourceRow(item: UploadItem): FileRow {
  const { userId, uploadId } = item;
  return storable({
    id: uploadId,
    userId,
    fileType: "source",
    originalFilename: item.name,
    s3Bucket: "uploads",
    s3Key: objectKey({ userId, uploadId }),
    fileSize: item.sizeBytes,
    contentType: item.type,
    createdAt: new Date(item.completedAt ?? item.createdAt),
    expiresAt: new Date(item.expiresAt * 1000),
  });
}

export function eventRow(item: EventItem): EventRow {
  return storable({
    jobId: item.jobId,
    sequence: item.sequence,
    type: item.type,
    at: new Date(item.at),
    status: item.status,
    step: item.step ?? null,
    attempt: item.attempt ?? null,
    failure: item.failure ?? null,
  });
}

/** What a job's end adds to its owner's usage. */
export function outcomeOf(item: JobItem) {
  const outputs = item.outputs ?? [];
  return {
    outputBytes: outputs.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
    mediaSeconds: outputs
      .filter(({ role }) => role === "main")
      .reduce((sum, { durationSeconds = 0 }) => sum + durationSeconds, 0),
    runSeconds: secondsBetween(item.startedAt, item.finishedAt) ?? 0,
  };
}

function outputRow(item: JobItem, output: Output): FileRow {
  const { bucket, key } = outputRef(item, output);
  if (bucket !== "videos" && bucket !== "thumbnails") throw new Error(`outputs do not lie in ${bucket}`);
  return storable({
    id: v5(output.name, item.jobId),
    userId: item.userId,
    jobId: item.jobId,
    fileType: output.role,
    originalFilename: output.fileName,
    s3Bucket: bucket,
    s3Key: key,
    fileSize: output.sizeBytes,
    contentType: output.contentType,
    checksumCrc32: output.checksumCrc32,
    durationSeconds: output.durationSeconds ?? null,
    audioCodec: output.audioCodec ?? null,
    videoCodec: output.videoCodec ?? null,
    widthPixels: output.widthPixels ?? null,
    heightPixels: output.heightPixels ?? null,
    metadata: { output: output.name },
    createdAt: new Date(item.finishedAt ?? item.createdAt),
    expiresAt: new Date(item.expiresAt * 1000),
  });
}

function metricsOf(item: JobItem): JobMetrics {
  const waitSeconds = secondsBetween(item.createdAt, item.startedAt);
  const runSeconds = secondsBetween(item.startedAt, item.finishedAt);
  return {
    ...(waitSeconds === undefined ? {} : { waitSeconds }),
    ...(runSeconds === undefined ? {} : { runSeconds }),
    ...(item.outputs ? { outputBytes: outcomeOf(item).outputBytes } : {}),
  };
}

function secondsBetween(from: string | undefined, to: string | undefined): number | undefined {
  if (from === undefined || to === undefined) return undefined;
  // Clocks of two machines differ a little.
  return Math.max(0, Date.parse(to) - Date.parse(from)) / 1000;
}

function dateOf(moment: string | undefined): Date | null {
  return moment === undefined ? null : new Date(moment);
}
