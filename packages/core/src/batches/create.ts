import { hash } from "node:crypto";
import type { Batch } from "@t2m/contract/batches";
import type { UploadId, UserId } from "@t2m/contract/ids";
import type { NewBatch } from "@t2m/contract/new-batch";
import { and, eq, sql } from "drizzle-orm";
import { v7 } from "uuid";
import { changeRecord, type Database, readRecord, type Transaction } from "../database/access.ts";
import { batches } from "../database/schema/batches.ts";
import { jobQueue } from "../database/schema/job-queue.ts";
import { jobs } from "../database/schema/jobs.ts";
import { ApiError, notFound } from "../errors.ts";
import { note } from "../people/activity.ts";
import { findUpload, type UploadItem } from "../uploads/item.ts";
import { getBatch } from "./get.ts";
import { releaseQuietly } from "./release.ts";

type Request = { userId: UserId; request: NewBatch; idempotencyKey?: string | undefined };

const readsAtOnce = 50;

/**
 * Queues conversions of completed uploads: batch, jobs and their places in line are one transaction. The same
 * idempotency key and request gives the batch that was made the first time (`isNew` false).
 * Throws `ApiError`: not_found, upload.not_open, idempotency.mismatch.
 */
export async function createBatch(input: Request): Promise<{ batch: Batch; isNew: boolean }> {
  const { userId } = input;
  const known = await readRecord((db) => madeBefore(db, input));
  if (known) return { batch: await getBatch(userId, known), isNew: false };
  const names = await uploadNames(input);
  const made = await changeRecord((tx) => insertBatch(tx, input, names));
  if (made.isNew) await releaseQuietly();
  return { batch: await getBatch(userId, made.batchId), isNew: made.isNew };
}

async function madeBefore(
  db: Database | Transaction,
  { userId, request, idempotencyKey }: Request,
): Promise<string | undefined> {
  if (idempotencyKey === undefined) return undefined;
  const [known] = await db
    .select()
    .from(batches)
    .where(and(eq(batches.userId, userId), eq(batches.idempotencyKey, idempotencyKey)));
  if (!known || known.requestHash === hashOf(request)) return known?.id;
  const detail = "This Idempotency-Key was used with another request; use a new key for a new request.";
  throw new ApiError("idempotency.mismatch", detail);
}

/** The body is one that the contract's shape has parsed, so its fields stand in a fixed order. */
function hashOf(request: NewBatch): string {
  return hash("sha256", JSON.stringify(request), "hex");
}

/** Of the uploads that a batch is about: the live table knows them first. */
async function uploadNames({ userId, request }: Request): Promise<Map<UploadId, string>> {
  const ids = [...new Set(request.jobs.map(({ uploadId }) => uploadId))];
  const found: (UploadItem | undefined)[] = [];
  for (let start = 0; start < ids.length; start += readsAtOnce) {
    const some = ids.slice(start, start + readsAtOnce);
    found.push(...(await Promise.all(some.map((uploadId) => findUpload({ userId, uploadId })))));
  }
  return new Map(
    found.map((upload) => {
      if (!upload) throw notFound("upload");
      if (upload.status !== "completed") {
        throw new ApiError("upload.not_open", `Upload ${upload.uploadId} is not complete.`);
      }
      return [upload.uploadId, upload.name];
    }),
  );
}

async function insertBatch(
  tx: Transaction,
  input: Request,
  names: ReadonlyMap<UploadId, string>,
): Promise<{ batchId: string; isNew: boolean }> {
  const { userId, request, idempotencyKey } = input;
  const { priority, name } = request;
  const batchId = v7();
  const inserted = await tx
    .insert(batches)
    .values({
      id: batchId,
      userId,
      priority,
      jobCount: request.jobs.length,
      ...(name !== undefined && { name }),
      ...(idempotencyKey !== undefined && { idempotencyKey, requestHash: hashOf(request) }),
    })
    .onConflictDoNothing()
    .returning({ id: batches.id });
  if (inserted.length === 0) {
    // The same request was faster by a moment.
    const other = await madeBefore(tx, input);
    if (other === undefined) throw new Error("a batch is there and is not");
    return { batchId: other, isNew: false };
  }
  await insertJobs(tx, { userId, batchId, request, names });
  const subject = { type: "batch", id: batchId };
  await note(tx, { userId, actorId: userId, action: "batch.created", subject });
  return { batchId, isNew: true };
}

/** All rows are one parameter each time: a statement longer than 16 KB would pin RDS Proxy's connection. */
async function insertJobs(
  tx: Transaction,
  {
    userId,
    batchId,
    request,
    names,
  }: Pick<Request, "userId" | "request"> & {
    batchId: string;
    names: ReadonlyMap<UploadId, string>;
  },
): Promise<void> {
  const { priority } = request;
  const line = JSON.stringify(
    request.jobs.map(({ uploadId, conversion }) => ({
      id: v7(),
      place: v7(),
      upload_id: uploadId,
      topic: names.get(uploadId) ?? "",
      configuration: conversion,
    })),
  );
  const rows = sql`jsonb_to_recordset(${line}::jsonb)
    as rows (id uuid, place uuid, upload_id uuid, topic text, configuration jsonb)`;
  await tx.execute(sql`
    insert into ${jobs} (id, user_id, batch_id, upload_id, kind, status, priority, topic, configuration, version, created_at)
    select id, ${userId}, ${batchId}, upload_id, 'conversion', 'queued', ${priority}, topic, configuration, 0, now()
    from ${rows}`);
  await tx.execute(sql`
    insert into ${jobQueue} (id, job_id, user_id, priority) select place, id, ${userId}, ${priority} from ${rows}`);
}
