import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ConversionRequest } from "@t2m/contract/presets";
import { type Claim, claimStep } from "@t2m/core/jobs/claim";
import { newJob } from "@t2m/core/jobs/create";
import { listEvents } from "@t2m/core/jobs/events";
import { findJob } from "@t2m/core/jobs/get";
import type { JobItem, JobKey } from "@t2m/core/jobs/items";
import { queueJob } from "@t2m/core/jobs/queue";
import { dueShardOf, uploadItemKey } from "@t2m/core/live/keys";
import { type Item, putItem, transact } from "@t2m/core/live/table";
import { createBuckets } from "@t2m/local/buckets";
import { type S3Server, startS3 } from "@t2m/local/s3/server";
import { readSettings } from "@t2m/local/settings";
import { type Services, startServices } from "@t2m/local/testing";
import { v7 } from "uuid";
import { afterAll, beforeAll } from "vitest";

export type Parts = { services: Services; s3: S3Server; putKeys: string[] };

/**
 * DynamoDB and an S3 server in this very process, so that faked time is the same for both; `putKeys` gathers the
 * keys of created objects as S3's own events tell them.
 */
export function useParts(environment: Record<string, string> = {}): Parts {
  const parts: Partial<Parts> & { putKeys: string[] } = { putKeys: [] };
  let directory = "";
  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), "t2m-jobs-"));
    const { region, credentials } = readSettings();
    const s3 = await startS3({
      directory,
      region,
      credentials,
      onEvent: async (_bucket, { Records }) => {
        parts.putKeys.push(...Records.filter(isCreation).map(({ s3 }) => decodeURIComponent(s3.object.key)));
      },
    });
    parts.s3 = s3;
    parts.services = await startServices({ AWS_ENDPOINT_URL_S3: s3.url, ...environment });
    await createBuckets({ endpoint: s3.url, region, credentials }, parts.services.stage, [
      "http://127.0.0.1",
    ]);
  });
  afterAll(async () => {
    await parts.s3?.stop();
    rmSync(directory, { recursive: true, force: true });
  });
  return parts as Parts;
}

function isCreation({ eventName }: { eventName: string }): boolean {
  return eventName.startsWith("ObjectCreated");
}

export const mp3 = ConversionRequest.parse({ preset: "mp3" });

/** A job in the table as uploads make it. */
export async function givenJob(
  status: "waiting" | "queued",
  extra: Partial<JobItem> = {},
): Promise<{ userId: string; jobId: string; uploadId: string }> {
  const userId = extra.userId ?? randomUUID();
  const uploadId = extra.uploadId ?? v7();
  const expiresAt = extra.expiresAt ?? Math.floor(Date.now() / 1000) + 86_400;
  const input = { userId, uploadId, sourceName: "song.wav", conversion: mp3, expiresAt, now: new Date() };
  const { item, writes } = newJob({ ...input, status: extra.kind ? "waiting" : status });
  const [first, ...rest] = writes;
  if (!first || !("put" in first)) throw new Error("a job begins with its item");
  await transact([{ put: { ...first.put, ...extra } }, ...rest]);
  const key = { userId, jobId: item.jobId };
  if (extra.kind && status === "queued") await queueJob(key);
  return { ...key, uploadId };
}

export async function givenUpload(
  extra: Partial<Item> & { userId: string; uploadId: string },
): Promise<void> {
  const expiresAt = Math.floor(Date.now() / 1000) + 86_400;
  await putItem({
    ...uploadItemKey(extra.userId, extra.uploadId),
    entity: "upload",
    name: "song.wav",
    type: "audio/wav",
    sizeBytes: 1000,
    status: "completed",
    partBytes: 8 * 1024 ** 2,
    partCount: 1,
    multipartId: "none",
    jobIds: [],
    createdAt: new Date().toISOString(),
    expiresAt,
    dueShard: dueShardOf(extra.uploadId),
    dueAt: expiresAt + 3600,
    ...extra,
  });
}

export async function claimed(key: JobKey, step = "convert"): Promise<Claim> {
  const claim = await claimStep({ ...key, step });
  if (!claim) throw new Error(`${step} could not be claimed`);
  return claim;
}

export async function jobOf(key: JobKey): Promise<JobItem> {
  const job = await findJob(key);
  if (!job) throw new Error("the job is gone");
  return job;
}

/** `job.created@1 …`, with a check that sequences have no gaps and end at the job's version. */
export async function historyOf(key: JobKey): Promise<string[]> {
  const [job, events] = [await jobOf(key), await listEvents(key, { after: 0, limit: 1000 })];
  const gapless = events.every(({ sequence }, index) => sequence === index + 1);
  if (!gapless || events.length !== job.version) {
    throw new Error(`version ${job.version}, events ${events.map(({ sequence }) => sequence).join(" ")}`);
  }
  return events.map(({ type }) => type);
}

export const output = {
  name: "output.mp3",
  fileName: "song.mp3",
  role: "main",
  contentType: "audio/mpeg",
  sizeBytes: 10,
  checksumCrc32: "AAAAAA==",
} as const;
