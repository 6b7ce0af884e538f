import { type ChildProcess, fork } from "node:child_process";
import { createReadStream, statSync } from "node:fs";
import { basename, join } from "node:path";
import { CreateBucketCommand, S3Client } from "@aws-sdk/client-s3";
import { Upload } from "@aws-sdk/lib-storage";
import type { ConversionRequest } from "@t2m/contract/presets";
import { findBinaries } from "@t2m/core/ffmpeg/binaries";
import { bundleFunctions } from "@t2m/functions/bundle";
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

/** The converter as a bundle, as functions run: with Node's TypeScript loader it would be twice as large. */
export async function bundleConverter(directory: string): Promise<string> {
  const [bundled] = await bundleFunctions({
    outputDirectory: directory,
    sourceDirectory: import.meta.dirname,
    functions: { converter: { handler: "convert-child" } },
  });
  if (!bundled) throw new Error("nothing was bundled");
  return bundled.file;
}

/** A converter that stays warm between conversions and reaches S3 at `endpoint`. `convert` gives milliseconds. */
export function startConverter(bundle: string, endpoint: string): Converter {
  const { ffmpeg, ffprobe } = findBinaries();
  const env = {
    ...process.env,
    ...placeholders,
    AWS_ENDPOINT_URL_S3: endpoint,
    T2M_FFMPEG: ffmpeg,
    T2M_FFPROBE: ffprobe,
  };
  const child: ChildProcess = fork(bundle, { env });
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
