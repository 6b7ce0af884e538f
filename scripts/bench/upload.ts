import { randomBytes } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdtemp, open, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { S3Client } from "@aws-sdk/client-s3";
import { Upload } from "@aws-sdk/lib-storage";
import { createClient } from "@t2m/client/client";
import { fileSource } from "@t2m/client/node/file";
import { upload } from "@t2m/client/upload/upload";
import { compare } from "./quiet.ts";
import type { Section } from "./report.ts";
import { type BenchStack, startBenchStack } from "./stack.ts";

const mebibyte = 1024 ** 2;
const fileBytes = 1024 * mebibyte;
const rounds = 5;

/** 1 GB by our client, with everything that it asks the API, against the SDK's own uploader to the same S3. */
export async function measure(): Promise<Section> {
  const folder = await mkdtemp(join(tmpdir(), "t2m-bench-upload-"));
  const stack = await startBenchStack();
  try {
    const path = join(folder, "long.wav");
    await writeRandom(path);
    const api = countingApi(stack);
    const times = await compare(rounds, {
      ours: async () => {
        await upload(api.client, await fileSource(path)).finished;
      },
      sdk: () => uploadBySdk(stack, path),
    });
    const { ours, sdk } = times;
    const value = ours.medianMs / sdk.medianMs;
    const note = `${speed(ours.medianMs)} against ${speed(sdk.medianMs)}, ${ours.kept} and ${sdk.kept} quiet runs`;
    const apiKilobytes = api.bytes() / rounds / 1024;
    return {
      title: "Upload",
      about:
        "1 GiB in parts of 8 MiB, four at a time, from a file: begun, signed in batches, recorded, verified and completed " +
        "through the gateway. The SDK's `lib-storage` sends it with its own defaults and CRC32 to the same server.",
      findings: [
        { what: "our client ÷ lib-storage", value, unit: "×", goal: { atMost: 1 }, note },
        {
          what: "request bodies through the API for 1 GiB",
          value: apiKilobytes,
          unit: "KB",
          note: "media goes past every Lambda",
        },
      ],
    };
  } finally {
    stack.stop();
    await rm(folder, { recursive: true });
  }
}

async function writeRandom(path: string): Promise<void> {
  const file = await open(path, "w");
  // Random as a whole, but made of one block with a changing beginning: making it must not take minutes.
  const block = randomBytes(8 * mebibyte);
  for (let written = 0; written < fileBytes; written += block.length) {
    block.writeDoubleLE(Math.random(), 0);
    await file.write(block);
  }
  await file.close();
}

function countingApi({ apiUrl, token }: BenchStack) {
  let bytes = 0;
  const counting: typeof fetch = (input, init) => {
    if (typeof init?.body === "string") bytes += Buffer.byteLength(init.body);
    return fetch(input, init);
  };
  return { client: createClient({ baseUrl: apiUrl, token, fetch: counting }), bytes: () => bytes };
}

async function uploadBySdk({ environment }: BenchStack, path: string): Promise<void> {
  const client = new S3Client({
    endpoint: environment.AWS_ENDPOINT_URL_S3 ?? "",
    region: environment.AWS_REGION ?? "",
    credentials: {
      accessKeyId: environment.AWS_ACCESS_KEY_ID ?? "",
      secretAccessKey: environment.AWS_SECRET_ACCESS_KEY ?? "",
    },
    forcePathStyle: true,
  });
  const Bucket = environment.T2M_BUCKET_UPLOADS ?? "";
  const params = {
    Bucket,
    Key: "bench/sdk",
    Body: createReadStream(path),
    ChecksumAlgorithm: "CRC32",
  } as const;
  await new Upload({ client, params }).done();
  client.destroy();
}

const speed = (ms: number) => `${Math.round(fileBytes / 1e6 / (ms / 1000))} MB/s`;
