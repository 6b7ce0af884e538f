import { connect } from "node:net";
import {
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  UploadPartCommand,
} from "@aws-sdk/client-s3";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";
import { expect, test } from "vitest";
import { client, needed, noise, refusal, until, useRig } from "./support/rig.ts";

const rig = useRig();

test("an ordered refusal strikes as often as asked and only what matches", async () => {
  const Bucket = await rig.bucket();
  rig.server.faults.add({
    kind: "refuse",
    times: 2,
    match: ({ method, key }) => method === "PUT" && key === "a",
  });
  const put = (Key: string) => rig.s3.send(new PutObjectCommand({ Bucket, Key, Body: "x" }));
  await put("b");
  const slow = { code: "SlowDown", status: 503 };
  expect([await refusal(put("a")), await refusal(put("a"))]).toEqual([slow, slow]);
  await put("a");
  expect(rig.server.faults.left).toBe(0);

  rig.server.faults.add({ kind: "refuse" });
  const patient = client(rig.server.url, { maxAttempts: 2 });
  await patient.send(new PutObjectCommand({ Bucket, Key: "c", Body: "x" }));
  expect(rig.server.faults.left).toBe(0);
});

test("a body that is cut or spoilt on the way is not stored", async () => {
  const Bucket = await rig.bucket();
  const stored = rig.blobs().length;
  const put = () => rig.s3.send(new PutObjectCommand({ Bucket, Key: "k", Body: noise(500_000) }));
  rig.server.faults.add({ kind: "cut", afterBytes: 100_000 });
  await expect(put()).rejects.toThrow();
  rig.server.faults.add({ kind: "corrupt" });
  // The payload's hash is in the signature here, so it is the first to notice.
  expect(await refusal(put())).toEqual({ code: "XAmzContentSHA256Mismatch", status: 400 });
  const command = new PutObjectCommand({ Bucket, Key: "k", ChecksumCRC32: "AAAAAQ==" });
  const url = await getSignedUrl(rig.s3, command, { expiresIn: 60 });
  expect((await fetch(url, { method: "PUT", body: "other" })).status).toBe(400);
  await until(() => rig.blobs().length === stored, "the bytes freed");
  expect((await rig.s3.send(new ListObjectsV2Command({ Bucket }))).KeyCount).toBe(0);
});

test("a client that leaves in the middle of a body leaves nothing behind", async () => {
  const Bucket = await rig.bucket();
  const stored = rig.blobs().length;
  const url = new URL(
    await getSignedUrl(rig.s3, new PutObjectCommand({ Bucket, Key: "k" }), { expiresIn: 60 }),
  );
  const socket = connect(Number(url.port), "127.0.0.1");
  socket.write(
    `PUT ${url.pathname}${url.search} HTTP/1.1\r\nhost: ${url.host}\r\ncontent-length: 1000000\r\n\r\nbegin`,
  );
  await until(() => rig.blobs().length === stored + 1, "the upload to begin");
  socket.destroy();
  await until(() => rig.blobs().length === stored, "the bytes freed");
  expect((await rig.s3.send(new ListObjectsV2Command({ Bucket }))).KeyCount).toBe(0);
});

test("a download can be cut or spoilt, and the SDK's checksum notices", async () => {
  const at = { Bucket: await rig.bucket(), Key: "k" };
  await rig.s3.send(new PutObjectCommand({ ...at, Body: noise(900_000) }));
  const read = async () => {
    const got = await rig.s3.send(new GetObjectCommand({ ...at, ChecksumMode: "ENABLED" }));
    return needed(got.Body).transformToByteArray();
  };
  rig.server.faults.add({ kind: "cut", afterBytes: 600_000 });
  await expect(read()).rejects.toThrow();
  rig.server.faults.add({ kind: "corrupt" });
  await expect(read()).rejects.toThrow(/[Cc]hecksum/);
  expect(await read()).toHaveLength(900_000);
});

test("a muted request is carried out though its answer never comes", async () => {
  const at = { Bucket: await rig.bucket(), Key: "k" };
  const { UploadId } = await rig.s3.send(new CreateMultipartUploadCommand(at));
  const part = await rig.s3.send(new UploadPartCommand({ ...at, UploadId, PartNumber: 1, Body: "x" }));
  const complete = () =>
    rig.s3.send(
      new CompleteMultipartUploadCommand({
        ...at,
        UploadId,
        MultipartUpload: { Parts: [{ PartNumber: 1, ETag: part.ETag }] },
      }),
    );
  rig.server.faults.add({ kind: "mute", match: ({ query }) => query.has("uploadId") });
  await expect(complete()).rejects.toThrow();
  expect(await refusal(complete())).toEqual({ code: "NoSuchUpload", status: 404 });
  expect((await rig.s3.send(new HeadObjectCommand(at))).ContentLength).toBe(1);
});

test("each request is told with its status and the bytes of its bodies", async () => {
  const at = { Bucket: await rig.bucket(), Key: "a b" };
  rig.lines.length = 0;
  await rig.s3.send(new PutObjectCommand({ ...at, Body: noise(1234) }));
  const got = await rig.s3.send(new GetObjectCommand({ ...at, Range: "bytes=0-99" }));
  await needed(got.Body).transformToByteArray();
  await until(() => rig.lines.length === 2, "both lines");
  expect(rig.lines).toMatchObject([
    { method: "PUT", path: `/${at.Bucket}/a%20b`, status: 200, bytesIn: 1234, bytesOut: 0 },
    { method: "GET", status: 206, bytesIn: 0, bytesOut: 100 },
  ]);
  expect(rig.lines[0]?.query.get("x-id")).toBe("PutObject");
});
