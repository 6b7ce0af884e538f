import { type ChildProcess, fork } from "node:child_process";
import { createReadStream, statSync } from "node:fs";
import { basename, join } from "node:path";
import { CreateBucketCommand, S3Client } from "@aws-sdk/client-s3";
import { Upload } from "@aws-sdk/lib-storage";
import type { ConversionRequest } from "@t2m/contract/presets";
import { messageOf } from "./child.ts";
import { placeholders } from "./environment.ts";

export type ConversionOrder = { key: string; sizeBytes: number; conversion: ConversionRequest };

export type Storage = { local: string; link: string; stop(): void };

/** An S3 server in its own process, at two addresses: bare, and behind a link of 80 MB/s and 15 ms. */
export async function startStorage(directory: string): Promise<Storage> {
  const child = fork(join(import.meta.dirname, "storage-child.ts"), [directory]);
  const { local, link } = await messageOf<{ local: string; link: string }>(child);
  const client = clientOf(local);
  for (const bucket of ["uploads", "videos"]) await client.send(new CreateBucketCommand({ Bucket: bucket }));
  return { local, link, stop: () => child.disconnect() };
}

/** Puts a file into the bucket of uploads; gives what a converter needs to know of it. */
export async function store(storage: Storage, path: string): Promise<{ key: string; sizeBytes: number }> {
  const key = basename(path);
  await new Upload({
    client: clientOf(storage.local),
    params: { Bucket: "uploads", Key: key, Body: createReadStream(path) },
  }).done();
  return { key, sizeBytes: statSync(path).size };
}

export type Converter = { pid: number; convert(order: ConversionOrder): Promise<number>; stop(): void };

/** A converter that stays warm between conversions and reaches S3 at `endpoint`. `convert` gives milliseconds. */
export function startConverter(endpoint: string): Converter {
  const env = { ...process.env, ...placeholders, AWS_ENDPOINT_URL_S3: endpoint };
  const child: ChildProcess = fork(join(import.meta.dirname, "convert-child.ts"), { env });
  return {
    pid: child.pid ?? 0,
    convert: async (order) => {
      child.send(order);
      const answer = await messageOf<{ ms: number } | { error: string }>(child);
      if ("error" in answer) throw new Error(answer.error);
      return answer.ms;
    },
    stop: () => child.kill(),
  };
}

function clientOf(endpoint: string): S3Client {
  return new S3Client({
    endpoint,
    region: placeholders.AWS_REGION,
    forcePathStyle: true,
    credentials: {
      accessKeyId: placeholders.AWS_ACCESS_KEY_ID,
      secretAccessKey: placeholders.AWS_SECRET_ACCESS_KEY,
    },
  });
}
