import { randomUUID } from "node:crypto";
import { api, type Operation, type OperationName } from "@t2m/contract/api";
import { uploadPrefix } from "@t2m/contract/keys";
import { closeRecord } from "@t2m/core/database/access";
import { userIdOf } from "@t2m/core/identity/user-id";
import { dueShardOf, uploadItemKey } from "@t2m/core/live/keys";
import { putItem } from "@t2m/core/live/table";
import type { UploadItem } from "@t2m/core/uploads/item";
import { functions, http } from "@t2m/functions/manifest";
import { startDatabase, startServices } from "@t2m/local/testing";
import postgres, { type Sql } from "postgres";
import { v4, v5, v7 } from "uuid";
import { afterAll, beforeAll } from "vitest";
import { ask, type Response } from "./request.ts";

type Request = Omit<Parameters<typeof ask>[1] & object, "route">;

/** For the parts of an address: well formed, and nobody's. The last may be of any form. */
export const nobodys = {
  jobId: v7(),
  fileId: v4(),
  batchId: v7(),
  shareId: v7(),
  sessionId: v4(),
  userId: v4(),
  versionId: "none",
  token: "x".repeat(43),
};

/** Asks whichever function answers an operation. */
export async function askFor(name: OperationName, request: Request = {}): Promise<Response> {
  const { route }: Operation = api[name];
  // Handlers read the environment when they are loaded.
  const file = functions[http[name]].handler.slice("http/".length);
  const { handler } = await import(`../../src/http/${file}.ts`);
  return await ask(handler, { ...request, route });
}

/** S3, DynamoDB and a Postgres database of the file's own, and a connection that looks into it from outside. */
export function useRecord(): { readonly sql: Sql } {
  let sql: Sql | undefined;
  beforeAll(async () => {
    await startServices();
    sql = postgres(await startDatabase(), { max: 1, onnotice: () => {} });
  });
  afterAll(async () => {
    await closeRecord();
    await sql?.end({ timeout: 1 });
  });
  return {
    get sql() {
      if (!sql) throw new Error("the database is still to come");
      return sql;
    },
  };
}

/** Somebody new, whose token names this session. */
export function newPerson(sid: string = randomUUID()) {
  const subject = randomUUID();
  return {
    subject,
    userId: userIdOf("http://issuer.test", subject),
    asks: (name: OperationName, request: Request = {}) =>
      askFor(name, { subject, ...request, claims: { sid, ...request.claims } }),
  };
}
export type Person = ReturnType<typeof newPerson>;

/** A completed upload in the live table; its object is left out. */
export async function givenUpload(userId: string, extra: Partial<UploadItem> = {}): Promise<string> {
  const uploadId = v7();
  const expiresAt = Math.floor(Date.now() / 1000) + 3_600;
  await putItem({
    ...uploadItemKey(userId, uploadId),
    entity: "upload",
    userId,
    uploadId,
    name: "song.wav",
    type: "audio/wav",
    sizeBytes: 10,
    status: "completed",
    partBytes: 8_388_608,
    partCount: 1,
    multipartId: "none",
    jobIds: [],
    createdAt: new Date().toISOString(),
    expiresAt,
    dueShard: dueShardOf(uploadId),
    dueAt: expiresAt,
    ...extra,
  });
  return uploadId;
}

export type PastJobRow = {
  status?: string;
  topic?: string;
  preset?: string;
  createdAt?: Date;
  failureCode?: string;
};

/** A job that the record knows, as the projector would have written it. */
export async function givenPastJob(sql: Sql, userId: string, job: PastJobRow = {}): Promise<string> {
  const { status = "completed", topic = "song.wav", preset = "mp3", createdAt = new Date() } = job;
  const id = v7({ msecs: createdAt.getTime() });
  const isEnd = ["completed", "failed", "cancelled"].includes(status);
  const failure = { code: job.failureCode ?? "media.unrecognized", message: "This is no media." };
  await sql`insert into users ${sql([{ id: userId }])} on conflict do nothing`;
  await sql`insert into jobs ${sql([
    {
      id,
      user_id: userId,
      upload_id: v7(),
      kind: "conversion",
      status,
      topic,
      configuration: sql.json({ preset, options: {} }),
      error_info: status === "failed" ? sql.json(failure) : null,
      progress_percentage: status === "completed" ? 100 : 0,
      version: 5,
      created_at: createdAt,
      started_at: createdAt,
      finished_at: isEnd ? createdAt : null,
    },
  ])}`;
  return id;
}

/** A file that the record knows: a source, or an output of a job. */
export async function givenFile(
  sql: Sql,
  userId: string,
  file: { jobId?: string; name?: string; createdAt?: Date } = {},
): Promise<{ fileId: string; key: string }> {
  const { jobId, name = "song.mp3", createdAt = new Date() } = file;
  const fileId = jobId ? v5(name, jobId) : v7();
  const key = jobId
    ? `users/${userId}/jobs/${jobId}/outputs/output.mp3`
    : `${uploadPrefix(userId, fileId)}source`;
  await sql`insert into users ${sql([{ id: userId }])} on conflict do nothing`;
  await sql`insert into file_metadata ${sql([
    {
      id: fileId,
      user_id: userId,
      job_id: jobId ?? null,
      file_type: jobId ? "main" : "source",
      original_filename: name,
      s3_bucket: jobId ? "videos" : "uploads",
      s3_key: key,
      file_size: 10,
      content_type: "audio/mpeg",
      created_at: createdAt,
    },
  ])}`;
  return { fileId, key };
}
