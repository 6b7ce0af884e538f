import { randomBytes } from "node:crypto";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  CreateBucketCommand,
  PutBucketVersioningCommand,
  S3Client,
  type S3ClientConfig,
  S3ServiceException,
} from "@aws-sdk/client-s3";
import { afterAll, beforeAll } from "vitest";
import {
  type RequestLine,
  type S3Event,
  type S3Options,
  type S3Server,
  startS3,
} from "../../../src/s3/server.ts";
import { CREDENTIALS, REGION } from "./constants.ts";

export { CREDENTIALS, REGION };
export const MIB = 1024 ** 2;

export function client(url: string, config: S3ClientConfig = {}): S3Client {
  return new S3Client({
    endpoint: url,
    forcePathStyle: true,
    region: REGION,
    credentials: CREDENTIALS,
    maxAttempts: 1,
    ...config,
  });
}

export function temporaryDirectory(): string {
  return mkdtempSync(join(tmpdir(), "s3-test-"));
}

/** One running server for a test file, its state and all that it told. */
export class Rig {
  readonly directory = temporaryDirectory();
  readonly events: { bucket: string; event: S3Event }[] = [];
  readonly lines: RequestLine[] = [];
  #server: S3Server | null = null;
  #client: S3Client | null = null;
  #buckets = 0;

  get server(): S3Server {
    if (!this.#server) throw new Error("the server is not running");
    return this.#server;
  }

  get s3(): S3Client {
    if (!this.#client) throw new Error("the server is not running");
    return this.#client;
  }

  async start(options: Partial<S3Options> = {}): Promise<void> {
    this.#server = await startS3({
      directory: this.directory,
      region: REGION,
      credentials: CREDENTIALS,
      onEvent: async (bucket, event) => void this.events.push({ bucket, event }),
      onRequest: (line) => this.lines.push(line),
      ...options,
    });
    this.#client = client(this.#server.url);
  }

  async stop(): Promise<void> {
    this.#client?.destroy();
    await this.#server?.stop();
    this.#server = null;
  }

  async remove(): Promise<void> {
    await this.stop();
    rmSync(this.directory, { recursive: true, force: true });
  }

  /** A fresh bucket. */
  async bucket({ versioned = false } = {}): Promise<string> {
    this.#buckets += 1;
    const Bucket = `test-bucket-${this.#buckets}`;
    await this.s3.send(new CreateBucketCommand({ Bucket }));
    if (versioned)
      await this.s3.send(
        new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: "Enabled" } }),
      );
    return Bucket;
  }

  blobs(): string[] {
    return readdirSync(join(this.directory, "blobs"));
  }
}

/** A rig that lives as long as the test file. */
export function useRig(options: Partial<S3Options> = {}): Rig {
  const rig = new Rig();
  beforeAll(() => rig.start(options));
  afterAll(() => rig.remove());
  return rig;
}

/** The error S3 answered with, as `{code, status}`. */
export async function refusal(work: Promise<unknown>): Promise<{ code: string; status: number }> {
  try {
    await work;
  } catch (error) {
    if (error instanceof S3ServiceException)
      return { code: error.name, status: error.$metadata.httpStatusCode ?? 0 };
    throw error;
  }
  throw new Error("it was not refused");
}

/** The same for a plain HTTP answer. */
export async function refusalOf(response: Response): Promise<{ code: string; status: number }> {
  const code = /<Code>(.*?)<\/Code>/.exec(await response.text())?.[1] ?? "";
  return { code, status: response.status };
}

export async function until(fact: () => boolean, what: string, seconds = 5): Promise<void> {
  const deadline = Date.now() + seconds * 1000;
  while (!fact()) {
    if (Date.now() > deadline) throw new Error(`not in ${seconds} s: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

export const noise = (bytes: number) => randomBytes(bytes);

export function needed<T>(value: T | undefined | null): T {
  if (value === undefined || value === null) throw new Error("a value is missing");
  return value;
}
