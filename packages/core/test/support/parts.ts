import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import { createBuckets } from "@t2m/local/buckets";
import { type RequestLine, type S3Server, startS3 } from "@t2m/local/s3/server";
import { type Services, startServices } from "@t2m/local/testing";

export type Parts = Services & {
  /** This test file's own S3: it may be stopped, and told to fail. */
  ownS3: S3Server;
  s3Requests: RequestLine[];
  stopS3(): Promise<void>;
  restartS3(): Promise<void>;
  stop(): Promise<void>;
};

/** A live table and an S3 that belong to this file alone, known to `@t2m/core/config`. */
export async function startParts(overrides: Record<string, string> = {}): Promise<Parts> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const services = await startServices({ AWS_ENDPOINT_URL_S3: url, ...overrides });
  const directory = mkdtempSync(join(tmpdir(), "t2m-s3-"));
  const s3Requests: RequestLine[] = [];
  const { region, dynamodb } = services;
  const start = () =>
    startS3({
      directory,
      port,
      region,
      credentials: dynamodb.credentials,
      onRequest: (line) => s3Requests.push(line),
    });
  let s3 = await start();
  await createBuckets({ endpoint: url, region, credentials: dynamodb.credentials }, services.stage, [
    "http://localhost",
  ]);
  return {
    ...services,
    get ownS3() {
      return s3;
    },
    s3Requests,
    stopS3: () => s3.stop(),
    restartS3: async () => {
      s3 = await start();
    },
    stop: async () => {
      await s3.stop();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

export function crc32Of(bytes: Uint8Array): string {
  const checksum = Buffer.alloc(4);
  checksum.writeUInt32BE(crc32(bytes));
  return checksum.toString("base64");
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === "object" && address ? address.port : 0;
}
