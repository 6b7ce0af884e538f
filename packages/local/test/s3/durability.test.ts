import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import {
  CompleteMultipartUploadCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  GetBucketVersioningCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  ListPartsCommand,
  PutObjectCommand,
  type S3Client,
  UploadPartCommand,
} from "@aws-sdk/client-s3";
import { expect, onTestFinished, test } from "vitest";
import { Blobs } from "../../src/s3/blobs.ts";
import { Database } from "../../src/s3/database.ts";
import { findObject, insertMarker } from "../../src/s3/objects.ts";
import { Outbox } from "../../src/s3/outbox.ts";
import { startS3 } from "../../src/s3/server.ts";
import { commit } from "../../src/s3/store.ts";
import {
  CREDENTIALS,
  client,
  MIB,
  needed,
  noise,
  REGION,
  Rig,
  temporaryDirectory,
  until,
} from "./support/rig.ts";

test("objects, versions, settings and unfinished uploads survive a restart", async () => {
  const rig = new Rig();
  onTestFinished(() => rig.remove());
  await rig.start({ minimumPartBytes: 1 });
  const Bucket = await rig.bucket({ versioned: true });
  const first = await rig.s3.send(new PutObjectCommand({ Bucket, Key: "k", Body: "first" }));
  await rig.s3.send(new PutObjectCommand({ Bucket, Key: "k", Body: "second" }));
  const at = { Bucket, Key: "up" };
  const { UploadId } = await rig.s3.send(new CreateMultipartUploadCommand(at));
  const one = await rig.s3.send(new UploadPartCommand({ ...at, UploadId, PartNumber: 1, Body: "one " }));
  await rig.stop();
  await rig.start({ minimumPartBytes: 1 });

  const old = await rig.s3.send(new GetObjectCommand({ Bucket, Key: "k", VersionId: first.VersionId }));
  expect(await needed(old.Body).transformToString()).toBe("first");
  expect((await rig.s3.send(new GetBucketVersioningCommand({ Bucket }))).Status).toBe("Enabled");
  const two = await rig.s3.send(new UploadPartCommand({ ...at, UploadId, PartNumber: 2, Body: "two" }));
  const Parts = [one, two].map(({ ETag }, i) => ({ PartNumber: i + 1, ETag }));
  await rig.s3.send(new CompleteMultipartUploadCommand({ ...at, UploadId, MultipartUpload: { Parts } }));
  const whole = await rig.s3.send(new GetObjectCommand(at));
  expect(await needed(whole.Body).transformToString()).toBe("one two");
});

test("a second server on the same folder is refused, and bytes that no row names go at start", async () => {
  const rig = new Rig();
  onTestFinished(() => rig.remove());
  await rig.start();
  const Bucket = await rig.bucket();
  await rig.s3.send(new PutObjectCommand({ Bucket, Key: "k", Body: "kept" }));
  const second = startS3({ directory: rig.directory, region: REGION, credentials: CREDENTIALS });
  await expect(second).rejects.toThrow("database is locked");
  await rig.stop();
  writeFileSync(join(rig.directory, "blobs", "left-by-a-kill"), "half a part");
  await rig.start();
  expect(rig.blobs()).toHaveLength(1);
  const got = await rig.s3.send(new GetObjectCommand({ Bucket, Key: "k" }));
  expect(await needed(got.Body).transformToString()).toBe("kept");
});

test("a change that fails leaves no row and no bytes", async () => {
  const directory = temporaryDirectory();
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  const database = new Database(join(directory, "index.db"));
  const blobs = new Blobs(join(directory, "blobs"));
  const outbox = new Outbox(database, REGION, async () => undefined);
  const store = { region: REGION, minimumPartBytes: 1, database, blobs, outbox };
  database.run("insert into bucket(name, createdAt) values('b', 0)");
  const writer = await blobs.create();
  await writer.write(noise(10));
  await writer.close();
  const work = commit(
    store,
    (change) => {
      insertMarker(store, change, "b", "k");
      throw new Error("in the middle");
    },
    writer.id,
  );
  await expect(work).rejects.toThrow("in the middle");
  expect(findObject(database, "b", "k")).toBeUndefined();
  expect(readdirSync(join(directory, "blobs"))).toEqual([]);
  database.close();
});

type Process = { child: ChildProcess; s3: S3Client; events: string[] };

async function serve(directory: string): Promise<Process> {
  const script = fileURLToPath(new URL("./support/serve.ts", import.meta.url));
  const child = spawn(process.execPath, [script, directory], { stdio: ["ignore", "pipe", "inherit"] });
  onTestFinished(() => void child.kill("SIGKILL"));
  const events: string[] = [];
  let port = "";
  createInterface({ input: needed(child.stdout) }).on("line", (line) => {
    const [kind, value = ""] = line.split(" ");
    if (kind === "port") port = value;
    else events.push(value);
  });
  await until(() => port !== "", "the server's port");
  return { child, s3: client(`http://127.0.0.1:${port}`), events };
}

async function kill({ child, s3 }: Process): Promise<void> {
  child.kill("SIGKILL");
  await once(child, "exit");
  s3.destroy();
}

test("kill -9 in the middle of writes leaves each object old or new, never torn, and its events to come", async () => {
  const rig = new Rig();
  const { directory } = rig;
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  const killed = await serve(directory);
  const Bucket = "durable";
  await killed.s3.send(new CreateBucketCommand({ Bucket }));
  const body = (version: number) => Buffer.alloc(2 * MIB, version);
  const acknowledged = new Map<string, number>();
  const at = { Bucket, Key: "multipart" };
  const { UploadId } = await killed.s3.send(new CreateMultipartUploadCommand(at));
  const parts: string[] = [];
  const writers = ["a", "b", "c"].map(async (Key) => {
    for (let version = 1; ; version += 1) {
      await killed.s3.send(new PutObjectCommand({ Bucket, Key, Body: body(version) }));
      acknowledged.set(Key, version);
    }
  });
  const uploader = (async () => {
    for (let PartNumber = 1; ; PartNumber += 1) {
      const part = await killed.s3.send(
        new UploadPartCommand({ ...at, UploadId, PartNumber, Body: noise(MIB) }),
      );
      parts.push(needed(part.ETag));
    }
  })();
  const ends = Promise.allSettled([...writers, uploader]);
  await until(() => acknowledged.size === 3 && parts.length >= 5, "some writes");
  await kill(killed);
  await ends;

  const again = await serve(directory);
  for (const [Key, version] of acknowledged) {
    const got = await again.s3.send(new GetObjectCommand({ Bucket, Key }));
    const bytes = Buffer.from(await needed(got.Body).transformToByteArray());
    // What was acknowledged is there, unless the write after it made it in unacknowledged.
    expect([version, version + 1].some((value) => bytes.equals(body(value)))).toBe(true);
  }
  const listed = await again.s3.send(new ListPartsCommand({ ...at, UploadId: needed(UploadId) }));
  expect(listed.Parts?.map((part) => part.ETag).slice(0, parts.length)).toEqual(parts);
  const { KeyCount = 0 } = await again.s3.send(new ListObjectsV2Command({ Bucket }));
  const rows = KeyCount + (listed.Parts?.length ?? 0);
  expect(rig.blobs()).toHaveLength(rows);
  const told = () => new Set(again.events);
  await until(() => told().size === acknowledged.size, "the events of each key");
  await kill(again);
});
