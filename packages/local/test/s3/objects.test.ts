import { createHash } from "node:crypto";
import { Readable } from "node:stream";
import {
  CopyObjectCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectAttributesCommand,
  GetObjectCommand,
  GetObjectTaggingCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  PutObjectTaggingCommand,
} from "@aws-sdk/client-s3";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";
import { expect, test } from "vitest";
import { MIB, needed, noise, refusal, useRig } from "./support/rig.ts";

const rig = useRig();

test("an object comes back with its bytes, type, metadata, tags and ETag", async () => {
  const Bucket = await rig.bucket();
  const Body = noise(300_000);
  const put = await rig.s3.send(
    new PutObjectCommand({
      Bucket,
      Key: "a/b.bin",
      Body,
      ContentType: "audio/mpeg",
      ContentDisposition: 'attachment; filename="b.mp3"',
      CacheControl: "no-store",
      Metadata: { owner: "jo" },
      Tagging: "kind=sound&n=1",
    }),
  );
  const md5 = createHash("md5").update(Body).digest("hex");
  expect(put.ETag).toBe(`"${md5}"`);

  const got = await rig.s3.send(new GetObjectCommand({ Bucket, Key: "a/b.bin" }));

  expect(Buffer.from(await needed(got.Body).transformToByteArray()).equals(Body)).toBe(true);
  expect(got).toMatchObject({
    ETag: put.ETag,
    ContentType: "audio/mpeg",
    ContentLength: 300_000,
    ContentDisposition: 'attachment; filename="b.mp3"',
    CacheControl: "no-store",
    Metadata: { owner: "jo" },
    TagCount: 2,
  });
  expect(got.VersionId).toBeUndefined();
});

test("a stream in chunks with a trailing checksum is stored as its payload", async () => {
  const Bucket = await rig.bucket();
  const bytes = noise(3 * MIB + 17);
  const Body = Readable.from(
    (function* () {
      for (let i = 0; i < bytes.length; i += 70_001) yield bytes.subarray(i, i + 70_001);
    })(),
  );
  await rig.s3.send(
    new PutObjectCommand({
      Bucket,
      Key: "s",
      Body,
      ContentLength: bytes.length,
      ContentEncoding: "gzip",
      ChecksumAlgorithm: "CRC32",
    }),
  );

  const got = await rig.s3.send(new GetObjectCommand({ Bucket, Key: "s", ChecksumMode: "ENABLED" }));

  expect(Buffer.from(await needed(got.Body).transformToByteArray()).equals(bytes)).toBe(true);
  expect(got.ContentEncoding).toBe("gzip");
  expect(got.ChecksumCRC32).toBeTruthy();
  expect(got.ChecksumType).toBe("FULL_OBJECT");
});

test("empty objects and keys with spaces, plus signs, unicode and XML characters work", async () => {
  const Bucket = await rig.bucket();
  const keys = ["a b+c", "ünï/日本/🎬.mp3", "<&\"'>", "per%cent", "dots/../x", "tab\tand\nline", "(x)!*'"];
  for (const Key of keys) await rig.s3.send(new PutObjectCommand({ Bucket, Key, Body: noise(0) }));

  for (const Key of keys) {
    const head = await rig.s3.send(new HeadObjectCommand({ Bucket, Key }));
    expect(head.ContentLength).toBe(0);
  }
  const listed = await rig.s3.send(new ListObjectsV2Command({ Bucket }));
  expect(listed.Contents?.map((object) => object.Key).sort()).toEqual([...keys].sort());

  const Objects = keys.map((Key) => ({ Key }));
  const deleted = await rig.s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects } }));
  expect(deleted.Deleted?.map((object) => object.Key)).toEqual(keys);
  expect((await rig.s3.send(new ListObjectsV2Command({ Bucket }))).KeyCount).toBe(0);
});

test("ranges give 206 with their bytes, a range past the end 416, a malformed one the whole", async () => {
  const Bucket = await rig.bucket();
  await rig.s3.send(new PutObjectCommand({ Bucket, Key: "k", Body: "0123456789" }));
  const read = async (Range: string) => {
    const got = await rig.s3.send(new GetObjectCommand({ Bucket, Key: "k", Range }));
    return [await needed(got.Body).transformToString(), got.ContentRange, got.$metadata.httpStatusCode];
  };
  expect(await read("bytes=2-4")).toEqual(["234", "bytes 2-4/10", 206]);
  expect(await read("bytes=7-")).toEqual(["789", "bytes 7-9/10", 206]);
  expect(await read("bytes=-3")).toEqual(["789", "bytes 7-9/10", 206]);
  expect(await read("bytes=5-99")).toEqual(["56789", "bytes 5-9/10", 206]);
  expect(await read("bytes=4-2")).toEqual(["0123456789", undefined, 200]);
  expect(await refusal(read("bytes=10-"))).toEqual({ code: "InvalidRange", status: 416 });
  expect(await refusal(read("bytes=-0"))).toEqual({ code: "InvalidRange", status: 416 });
});

test("If-Range gives the part of the object it names and the whole of any other", async () => {
  const at = { Bucket: await rig.bucket(), Key: "k" };
  const { ETag = "" } = await rig.s3.send(new PutObjectCommand({ ...at, Body: "0123456789" }));
  const url = await getSignedUrl(rig.s3, new GetObjectCommand(at), { expiresIn: 60 });
  const read = async (condition: string) =>
    (await fetch(url, { headers: { range: "bytes=0-3", "if-range": condition } })).text();
  expect([await read(ETag), await read('"other"')]).toEqual(["0123", "0123456789"]);
});

test("conditions answer 304 and 412", async () => {
  const Bucket = await rig.bucket();
  const { ETag } = await rig.s3.send(new PutObjectCommand({ Bucket, Key: "k", Body: "x" }));
  const get = (conditions: object) => rig.s3.send(new GetObjectCommand({ Bucket, Key: "k", ...conditions }));
  const [before, after] = [new Date(Date.now() - 60_000), new Date(Date.now() + 60_000)];
  const unchanged = { code: "304", status: 304 };
  const failed = { code: "PreconditionFailed", status: 412 };

  expect((await get({ IfMatch: ETag })).ContentLength).toBe(1);
  expect((await refusal(get({ IfNoneMatch: ETag }))).status).toBe(unchanged.status);
  expect((await refusal(get({ IfModifiedSince: after }))).status).toBe(unchanged.status);
  expect((await get({ IfModifiedSince: before })).ContentLength).toBe(1);
  expect(await refusal(get({ IfMatch: '"no"' }))).toEqual(failed);
  expect(await refusal(get({ IfUnmodifiedSince: before }))).toEqual(failed);
  expect((await get({ IfMatch: ETag, IfUnmodifiedSince: before })).ContentLength).toBe(1);
});

test("If-None-Match: * writes only where nothing is, If-Match only over that very object", async () => {
  const Bucket = await rig.bucket();
  const put = (Body: string, conditions: object) =>
    rig.s3.send(new PutObjectCommand({ Bucket, Key: "k", Body, ...conditions }));
  const { ETag } = await put("one", { IfNoneMatch: "*" });
  const failed = { code: "PreconditionFailed", status: 412 };

  expect(await refusal(put("two", { IfNoneMatch: "*" }))).toEqual(failed);
  expect(await refusal(put("two", { IfMatch: '"other"' }))).toEqual(failed);
  await put("three", { IfMatch: ETag });
  const missing = rig.s3.send(new PutObjectCommand({ Bucket, Key: "none", Body: noise(0), IfMatch: ETag }));
  expect(await refusal(missing)).toEqual({ code: "NoSuchKey", status: 404 });
  const stored = rig.blobs().length;
  await refusal(put("four", { IfNoneMatch: "*" }));
  expect(rig.blobs()).toHaveLength(stored);
});

test("of concurrent If-None-Match PUTs of one key exactly one wins", async () => {
  const Bucket = await rig.bucket();
  const puts = Array.from({ length: 8 }, (_, i) =>
    rig.s3.send(new PutObjectCommand({ Bucket, Key: "k", Body: `writer ${i}`, IfNoneMatch: "*" })),
  );
  const results = await Promise.allSettled(puts);
  expect(results.filter((result) => result.status === "fulfilled")).toHaveLength(1);
});

test("concurrent PUTs of one key leave one whole object and no stray bytes", async () => {
  const Bucket = await rig.bucket();
  const before = rig.blobs().length;
  const bodies = Array.from({ length: 8 }, () => noise(200_000));
  await Promise.all(bodies.map((Body) => rig.s3.send(new PutObjectCommand({ Bucket, Key: "k", Body }))));

  const got = await rig.s3.send(new GetObjectCommand({ Bucket, Key: "k" }));
  const bytes = Buffer.from(await needed(got.Body).transformToByteArray());
  expect(bodies.some((body) => body.equals(bytes))).toBe(true);
  expect(rig.blobs()).toHaveLength(before + 1);
});

test("an object that is replaced while it is read reaches its reader whole", async () => {
  const Bucket = await rig.bucket();
  const first = noise(16 * MIB);
  await rig.s3.send(new PutObjectCommand({ Bucket, Key: "k", Body: first }));
  const got = await rig.s3.send(new GetObjectCommand({ Bucket, Key: "k" }));
  await rig.s3.send(new PutObjectCommand({ Bucket, Key: "k", Body: "second" }));
  const bytes = await needed(got.Body).transformToByteArray();
  expect(Buffer.from(bytes).equals(first)).toBe(true);
});

test("response-* parameters override the headers", async () => {
  const Bucket = await rig.bucket();
  await rig.s3.send(new PutObjectCommand({ Bucket, Key: "k", Body: "x" }));
  const got = await rig.s3.send(
    new GetObjectCommand({
      Bucket,
      Key: "k",
      ResponseContentType: "video/mp4",
      ResponseContentDisposition: 'attachment; filename="f.mp4"',
    }),
  );
  expect(got).toMatchObject({
    ContentType: "video/mp4",
    ContentDisposition: 'attachment; filename="f.mp4"',
  });
  const plain = new GetObjectCommand({ Bucket, Key: "k", ResponseContentDisposition: "日本.mp4" });
  expect(await refusal(rig.s3.send(plain))).toEqual({ code: "InvalidArgument", status: 400 });
});

test("a copy keeps bytes, metadata and tags unless told to replace them", async () => {
  const Bucket = await rig.bucket();
  const Key = "von ö+x";
  const Metadata = { a: "1" };
  await rig.s3.send(
    new PutObjectCommand({ Bucket, Key, Body: "body", Metadata, Tagging: "t=1", ChecksumAlgorithm: "CRC32" }),
  );
  const CopySource = encodeURIComponent(`${Bucket}/${Key}`);
  const copy = await rig.s3.send(new CopyObjectCommand({ Bucket, Key: "copy", CopySource }));
  expect(copy.CopyObjectResult?.ChecksumCRC32).toBeTruthy();
  const got = await rig.s3.send(new GetObjectCommand({ Bucket, Key: "copy" }));
  expect(await needed(got.Body).transformToString()).toBe("body");
  expect(got).toMatchObject({ Metadata, TagCount: 1, ETag: copy.CopyObjectResult?.ETag });

  const itself = rig.s3.send(new CopyObjectCommand({ Bucket, Key, CopySource }));
  expect((await refusal(itself)).code).toBe("InvalidRequest");
  await rig.s3.send(
    new CopyObjectCommand({ Bucket, Key, CopySource, MetadataDirective: "REPLACE", Metadata: { b: "2" } }),
  );
  expect((await rig.s3.send(new HeadObjectCommand({ Bucket, Key }))).Metadata).toEqual({ b: "2" });
  const absent = rig.s3.send(new CopyObjectCommand({ Bucket, Key, CopySource: `${Bucket}/none` }));
  expect((await refusal(absent)).code).toBe("NoSuchKey");
});

test("tags and attributes can be read and changed", async () => {
  const Bucket = await rig.bucket();
  const at = { Bucket, Key: "k" };
  await rig.s3.send(new PutObjectCommand({ ...at, Body: "abc" }));
  const TagSet = [
    { Key: "a b", Value: "1&2" },
    { Key: "empty", Value: "" },
  ];
  await rig.s3.send(new PutObjectTaggingCommand({ ...at, Tagging: { TagSet } }));
  expect((await rig.s3.send(new GetObjectTaggingCommand(at))).TagSet).toEqual(TagSet);

  const facts = await rig.s3.send(
    new GetObjectAttributesCommand({ ...at, ObjectAttributes: ["ETag", "ObjectSize", "Checksum"] }),
  );
  expect(facts).toMatchObject({ ETag: "900150983cd24fb0d6963f7d28e17f72", ObjectSize: 3 });
  expect(facts.StorageClass).toBeUndefined();
});

test("what is not there answers 404 with S3's code, and deleting it is no error", async () => {
  const Bucket = await rig.bucket();
  const missing = { Bucket, Key: "none" };
  expect(await refusal(rig.s3.send(new GetObjectCommand(missing)))).toEqual({
    code: "NoSuchKey",
    status: 404,
  });
  expect(await refusal(rig.s3.send(new HeadObjectCommand(missing)))).toEqual({
    code: "NotFound",
    status: 404,
  });
  const nowhere = rig.s3.send(new PutObjectCommand({ Bucket: "no-such-bucket", Key: "k", Body: noise(0) }));
  expect(await refusal(nowhere)).toEqual({ code: "NoSuchBucket", status: 404 });
  const deleted = await rig.s3.send(new DeleteObjectCommand(missing));
  expect(deleted.$metadata.httpStatusCode).toBe(204);
});
