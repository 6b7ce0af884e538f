import type { PastJob } from "@t2m/contract/history";
import type { JobId, UserId } from "@t2m/contract/ids";
import { openStatuses } from "@t2m/contract/job-status";
import type { Output } from "@t2m/contract/jobs";
import { type ConversionRequest, presetIds, presets } from "@t2m/contract/presets";
import type { HistoryFilter } from "@t2m/contract/routes/history";
import { and, desc, eq, gte, ilike, inArray, isNull, lt, or, type SQL, sql } from "drizzle-orm";
import { type Database, readRecord } from "../database/access.ts";
import { fileMetadata } from "../database/schema/file-metadata.ts";
import { jobs } from "../database/schema/jobs.ts";
import { notFound } from "../errors.ts";
import { anywhere, idCursor, pageFrom } from "./pages.ts";

type JobRow = typeof jobs.$inferSelect;
type FileRow = typeof fileMetadata.$inferSelect;

/**
 * A page of all that somebody ever made, newest first. What they deleted is not shown. Throws `ApiError`
 * "request.invalid" for a cursor that is none.
 */
export async function listHistory(
  userId: UserId,
  filter: HistoryFilter,
): Promise<{ items: PastJob[]; cursor?: string }> {
  const before = idCursor(filter.cursor);
  return await readRecord(async (db) => {
    const rows = await db
      .select()
      .from(jobs)
      .where(and(...ownedBy(userId), ...wanted(filter), before ? lt(jobs.id, before) : undefined))
      .orderBy(desc(jobs.id))
      .limit(filter.limit + 1);
    const outputs = await outputsOf(db, rows.slice(0, filter.limit));
    return pageFrom(
      rows,
      filter.limit,
      ({ id }) => id,
      (row) => presentPastJob(row, outputs.get(row.id)),
    );
  });
}

/** Throws `ApiError` not_found. */
export async function getPastJob(userId: UserId, jobId: JobId): Promise<PastJob> {
  return await readRecord(async (db) => {
    const [row] = await db
      .select()
      .from(jobs)
      .where(and(...ownedBy(userId), eq(jobs.id, jobId)));
    if (!row) throw notFound("job");
    return presentPastJob(row, (await outputsOf(db, [row])).get(jobId));
  });
}

/** What somebody made and has not deleted. */
export function ownedBy(userId: UserId): SQL[] {
  return defined([eq(jobs.userId, userId), or(isNull(jobs.removal), eq(jobs.removal, "expired"))]);
}

function wanted({ status, kind, media, preset, batchId, search, from, to }: HistoryFilter): SQL[] {
  const ofMedia = presetIds.filter((id) => presets[id].kind === media);
  return defined([
    status === "open" ? inArray(jobs.status, openStatuses) : status && eq(jobs.status, status),
    kind && eq(jobs.kind, kind),
    media && inArray(sql`${jobs.configuration} ->> 'preset'`, ofMedia),
    preset && sql`${jobs.configuration} ->> 'preset' = ${preset}`,
    batchId && eq(jobs.batchId, batchId),
    search && ilike(jobs.topic, anywhere(search)),
    from && gte(jobs.createdAt, new Date(from)),
    to && lt(jobs.createdAt, new Date(to)),
  ]);
}

function defined(conditions: readonly (SQL | undefined | "")[]): SQL[] {
  return conditions.filter((condition) => condition !== undefined && condition !== "");
}

/** The main output first, as the live job tells them. */
export async function outputsOf(db: Database, of: readonly { id: string }[]): Promise<Map<string, Output[]>> {
  if (of.length === 0) return new Map();
  const rows = await db
    .select()
    .from(fileMetadata)
    .where(
      inArray(
        fileMetadata.jobId,
        of.map(({ id }) => id),
      ),
    );
  const byJob = Map.groupBy(rows, ({ jobId }) => jobId ?? "");
  return new Map(
    [...byJob].map(([jobId, files]) => [
      jobId,
      files.toSorted((a, b) => rankOf(a) - rankOf(b)).flatMap(presentOutput),
    ]),
  );
}

function rankOf({ fileType }: FileRow): number {
  return fileType === "main" ? 0 : 1;
}

function presentOutput(file: FileRow): Output[] {
  const { fileType: role } = file;
  if (role !== "main" && role !== "poster" && role !== "waveform" && role !== "peaks") return [];
  const { durationSeconds, audioCodec, videoCodec, widthPixels, heightPixels } = file;
  return [
    {
      name: file.s3Key.slice(file.s3Key.lastIndexOf("/") + 1),
      fileName: file.originalFilename,
      role,
      contentType: file.contentType,
      sizeBytes: file.fileSize,
      checksumCrc32: file.checksumCrc32 ?? "",
      ...(durationSeconds !== null && { durationSeconds }),
      ...(audioCodec !== null && { audioCodec }),
      ...(videoCodec !== null && { videoCodec }),
      ...(widthPixels !== null && { widthPixels }),
      ...(heightPixels !== null && { heightPixels }),
    },
  ];
}

/** A recorded job as the API shows it. */
export function presentPastJob(row: JobRow, outputs: Output[] = []): PastJob {
  return {
    id: row.id,
    kind: row.kind,
    ...(row.batchId !== null && { batchId: row.batchId }),
    ...(row.uploadId !== null && { uploadId: row.uploadId }),
    sourceName: row.topic,
    ...(row.kind === "conversion" && { conversion: row.configuration as ConversionRequest }),
    priority: row.priority,
    status: row.status,
    percent: row.progressPercentage,
    outputs,
    ...(row.errorInfo !== null && { failure: row.errorInfo }),
    createdAt: row.createdAt.toISOString(),
    ...(row.startedAt !== null && { startedAt: row.startedAt.toISOString() }),
    ...(row.finishedAt !== null && { finishedAt: row.finishedAt.toISOString() }),
    ...(row.expiresAt !== null && { expiresAt: row.expiresAt.toISOString() }),
  };
}
