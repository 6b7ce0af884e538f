import { createHash } from "node:crypto";
import { crc32 } from "node:zlib";
import {
  AbortMultipartUploadCommand,
  type CompletedPart,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  GetObjectAttributesCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListPartsCommand,
  PutObjectCommand,
  UploadPartCommand,
  UploadPartCopyCommand,
} from "@aws-sdk/client-s3";
import { Upload } from "@aws-sdk/lib-storage";
import { expect, test } from "vitest";
import { MIB, needed, noise, refusal, until, useRig } from "./support/rig.ts";

const MINIMUM = 64 * 1024;
const rig = useRig({ minimumPartBytes: MINIMUM });

function crc(bytes: Uint8Array): string {
  const value = Buffer.alloc(4);
  value.writeUInt32BE(crc32(bytes));
  return value.toString("base64");
}

async function begin(options: object = {}) {
  const Bucket = await rig.bucket();
  const Key = "media/film.mp4";
  const created = await rig.s3.send(
    new CreateMultipartUploadCommand({ Bucket, Key, ContentType: "video/mp4", ...options }),
  );
  return { Bucket, Key, UploadId: needed(created.UploadId) };
}
type At = Awaited<ReturnType<typeof begin>>;

async function part(at: At, PartNumber: number, Body: Uint8Array, options: object = {}) {
  const sent = await rig.s3.send(new UploadPartCommand({ ...at, PartNumber, Body, ...options }));
  return { PartNumber, ETag: sent.ETag, ChecksumCRC32: sent.ChecksumCRC32 };
}

const complete = (at: At, Parts: CompletedPart[], options: object = {}) =>
  rig.s3.send(new CompleteMultipartUploadCommand({ ...at, MultipartUpload: { Parts }, ...options }));

async function read(at: At, options: object = {}): Promise<Buffer> {
  const got = await rig.s3.send(new GetObjectCommand({ Bucket: at.Bucket, Key: at.Key, ...options }));
  return Buffer.from(await needed(got.Body).transformToByteArray());
}

test("parts sent in any order become one object, with the ETag of their MD5s", async () => {
  const at = await begin();
  const bodies = [noise(MINIMUM), noise(MINIMUM + 1), noise(10)];
  const parts = [];
  for (const number of [3, 1, 2]) parts.push(await part(at, number, needed(bodies[number - 1])));
  parts.sort((a, b) => a.PartNumber - b.PartNumber);

  const done = await complete(at, parts);

  const md5s = bodies.map((body) => createHash("md5").update(body).digest());
  expect(done.ETag).toBe(`"${createHash("md5").update(Buffer.concat(md5s)).digest("hex")}-3"`);
  const whole = Buffer.concat(bodies);
  expect((await read(at)).equals(whole)).toBe(true);
  const [first, last] = [MINIMUM - 3, 2 * MINIMUM + 4];
  const across = await read(at, { Range: `bytes=${first}-${last}` });
  expect(across.equals(whole.subarray(first, last + 1))).toBe(true);
  const second = await rig.s3.send(new GetObjectCommand({ Bucket: at.Bucket, Key: at.Key, PartNumber: 2 }));
  expect(second).toMatchObject({ PartsCount: 3, ContentLength: MINIMUM + 1, ContentType: "video/mp4" });
  expect(Buffer.from(await needed(second.Body).transformToByteArray()).equals(needed(bodies[1]))).toBe(true);
  expect(await refusal(read(at, { PartNumber: 4 }))).toEqual({ code: "InvalidPartNumber", status: 416 });
});

test("lib-storage uploads a large body and its composite checksum is what S3 would name", async () => {
  const Bucket = await rig.bucket();
  const Body = noise(12 * MIB + 5);
  const params = { Bucket, Key: "big", Body, ChecksumAlgorithm: "CRC32" } as const;
  await new Upload({ client: rig.s3, params, partSize: 5 * MIB }).done();
  const head = await rig.s3.send(new HeadObjectCommand({ Bucket, Key: "big", ChecksumMode: "ENABLED" }));
  const sums = [0, 5, 10].map((start) =>
    Buffer.from(crc(Body.subarray(start * MIB, (start + 5) * MIB)), "base64"),
  );
  expect(head).toMatchObject({
    ChecksumCRC32: `${crc(Buffer.concat(sums))}-3`,
    ChecksumType: "COMPOSITE",
    ContentLength: Body.length,
  });
});

test("a full-object CRC32 is combined from the parts and held against the client's", async () => {
  const at = await begin({ ChecksumAlgorithm: "CRC32", ChecksumType: "FULL_OBJECT" });
  const bodies = [noise(MINIMUM), noise(MINIMUM), noise(MINIMUM + 777), noise(1)];
  const parts = await Promise.all(bodies.map((body, i) => part(at, i + 1, body)));
  const whole = Buffer.concat(bodies);
  const wrong = { code: "BadDigest", status: 400 };
  const full = { ChecksumType: "FULL_OBJECT" };

  expect(await refusal(complete(at, parts, { ChecksumCRC32: crc(noise(9)), ...full }))).toEqual(wrong);
  const size = complete(at, parts, { ChecksumCRC32: crc(whole), MpuObjectSize: whole.length - 1, ...full });
  expect(await refusal(size)).toEqual({ code: "InvalidRequest", status: 400 });
  const type = complete(at, parts, { ChecksumCRC32: crc(whole), ChecksumType: "COMPOSITE" });
  expect(await refusal(type)).toEqual({ code: "InvalidRequest", status: 400 });
  const done = await complete(at, parts, {
    ChecksumCRC32: crc(whole),
    MpuObjectSize: whole.length,
    ...full,
  });

  expect(done).toMatchObject({ ChecksumCRC32: crc(whole), ChecksumType: "FULL_OBJECT" });
  const { Bucket, Key } = at;
  const head = await rig.s3.send(new HeadObjectCommand({ Bucket, Key, ChecksumMode: "ENABLED" }));
  expect(head).toMatchObject({ ChecksumCRC32: crc(whole), ChecksumType: "FULL_OBJECT" });
  // The SDK checks the body against that value as it reads.
  expect((await read(at, { ChecksumMode: "ENABLED" })).equals(whole)).toBe(true);
  const facts = await rig.s3.send(
    new GetObjectAttributesCommand({ Bucket, Key, ObjectAttributes: ["Checksum", "ObjectParts"] }),
  );
  expect(facts.Checksum).toMatchObject({ ChecksumCRC32: crc(whole), ChecksumType: "FULL_OBJECT" });
  expect(facts.ObjectParts?.TotalPartsCount).toBe(4);
  expect(facts.ObjectParts?.Parts?.map((one) => one.Size)).toEqual(bodies.map((body) => body.length));
});

test("a part's checksum is verified, its own algorithm demanded, and a refused part is not stored", async () => {
  const at = await begin({ ChecksumAlgorithm: "CRC32" });
  const body = noise(100);
  const stored = rig.blobs().length;
  const changed = part(at, 1, body, { ChecksumCRC32: crc(noise(100)) });
  expect(await refusal(changed)).toEqual({ code: "BadDigest", status: 400 });
  const md5 = part(at, 1, body, { ContentMD5: createHash("md5").update("x").digest("base64") });
  expect(await refusal(md5)).toEqual({ code: "BadDigest", status: 400 });
  const other = part(at, 1, body, { ChecksumSHA256: createHash("sha256").update(body).digest("base64") });
  expect(await refusal(other)).toEqual({ code: "InvalidRequest", status: 400 });
  expect((await rig.s3.send(new ListPartsCommand(at))).Parts).toBeUndefined();
  expect(rig.blobs()).toHaveLength(stored);

  const sent = await part(at, 1, body);
  const listed = await rig.s3.send(new ListPartsCommand(at));
  expect(listed).toMatchObject({ ChecksumAlgorithm: "CRC32", ChecksumType: "COMPOSITE", IsTruncated: false });
  expect(listed.Parts).toMatchObject([
    { PartNumber: 1, Size: 100, ETag: sent.ETag, ChecksumCRC32: crc(body) },
  ]);
  const silent = complete(at, [{ PartNumber: 1, ETag: sent.ETag }]);
  expect(await refusal(silent)).toEqual({ code: "InvalidRequest", status: 400 });
  const lying = complete(at, [{ ...sent, ChecksumCRC32: crc(noise(3)) }]);
  expect(await refusal(lying)).toEqual({ code: "InvalidPart", status: 400 });
});

test("SHA-256 uploads work with composite checksums", async () => {
  const at = await begin({ ChecksumAlgorithm: "SHA256" });
  const Body = noise(1000);
  const sent = await rig.s3.send(
    new UploadPartCommand({ ...at, PartNumber: 1, Body, ChecksumAlgorithm: "SHA256" }),
  );
  const { ETag, ChecksumSHA256 } = sent;
  const done = await complete(at, [{ PartNumber: 1, ETag, ChecksumSHA256 }]);
  const sha = createHash("sha256").update(Body).digest();
  expect(done.ChecksumSHA256).toBe(`${createHash("sha256").update(sha).digest("base64")}-1`);
});

test("a part sent again takes the place of the first, whose bytes are freed", async () => {
  const at = await begin();
  const stored = rig.blobs().length;
  const old = await part(at, 1, noise(MINIMUM));
  const body = noise(500);
  const sent = await part(at, 1, body);
  expect(rig.blobs()).toHaveLength(stored + 1);

  expect(await refusal(complete(at, [old]))).toEqual({ code: "InvalidPart", status: 400 });
  await complete(at, [sent]);
  expect((await read(at)).equals(body)).toBe(true);
});

test("Complete refuses parts out of order, missing, too small or none, and stays possible after", async () => {
  const at = await begin();
  const [one, two] = [await part(at, 1, noise(MINIMUM)), await part(at, 2, noise(MINIMUM - 1))];
  const three = await part(at, 3, noise(5));
  const code = async (parts: CompletedPart[]) => (await refusal(complete(at, parts))).code;

  expect(await code([two, one])).toBe("InvalidPartOrder");
  expect(await code([one, one])).toBe("InvalidPartOrder");
  expect(await code([one, { PartNumber: 9, ETag: one.ETag }])).toBe("InvalidPart");
  expect(await code([one, two, three])).toBe("EntityTooSmall");
  expect(await code([])).toBe("MalformedXML");

  await complete(at, [one, three]);
  expect(await code([one, three])).toBe("NoSuchUpload");
  // Part 2 was not listed: its bytes go, and the parts that stay are numbered anew.
  const second = await read(at, { PartNumber: 2 });
  expect(second).toHaveLength(5);
});

test("part numbers are 1 to 10000", async () => {
  const at = await begin();
  for (const number of [0, 10_001]) {
    expect(await refusal(part(at, number, noise(1)))).toEqual({ code: "InvalidArgument", status: 400 });
  }
  await part(at, 10_000, noise(1));
});

test("abort frees every byte, and the upload is gone", async () => {
  const stored = rig.blobs().length;
  const at = await begin();
  await Promise.all([1, 2, 3].map((number) => part(at, number, noise(1000))));
  expect(rig.blobs()).toHaveLength(stored + 3);
  await rig.s3.send(new AbortMultipartUploadCommand(at));
  expect(rig.blobs()).toHaveLength(stored);
  const gone = { code: "NoSuchUpload", status: 404 };
  expect(await refusal(part(at, 4, noise(1)))).toEqual(gone);
  expect(await refusal(rig.s3.send(new ListPartsCommand(at)))).toEqual(gone);
  expect(await refusal(rig.s3.send(new AbortMultipartUploadCommand(at)))).toEqual(gone);
});

test("ListParts pages through more than a thousand parts", async () => {
  const at = await begin({ ChecksumAlgorithm: "CRC32", ChecksumType: "FULL_OBJECT" });
  const numbers = Array.from({ length: 1005 }, (_, i) => i + 1);
  for (let i = 0; i < numbers.length; i += 50)
    await Promise.all(numbers.slice(i, i + 50).map((number) => part(at, number, Buffer.from(`${number}`))));
  const first = await rig.s3.send(new ListPartsCommand(at));
  expect(first).toMatchObject({ IsTruncated: true, NextPartNumberMarker: "1000", MaxParts: 1000 });
  const rest = await rig.s3.send(
    new ListPartsCommand({ ...at, PartNumberMarker: first.NextPartNumberMarker }),
  );
  expect(rest.IsTruncated).toBe(false);
  const listed = [...(first.Parts ?? []), ...(rest.Parts ?? [])].map((one) => one.PartNumber);
  expect(listed).toEqual(numbers);
});

test("a part can be copied from a range of an object", async () => {
  const at = await begin();
  const source = noise(3 * MINIMUM);
  await rig.s3.send(new PutObjectCommand({ Bucket: at.Bucket, Key: "source", Body: source }));
  const copy = (PartNumber: number, CopySourceRange: string) =>
    rig.s3.send(
      new UploadPartCopyCommand({ ...at, PartNumber, CopySource: `${at.Bucket}/source`, CopySourceRange }),
    );
  const { CopyPartResult } = await copy(1, `bytes=10-${MINIMUM + 9}`);
  const tail = noise(7);
  await complete(at, [{ PartNumber: 1, ETag: CopyPartResult?.ETag }, await part(at, 2, tail)]);
  expect((await read(at)).equals(Buffer.concat([source.subarray(10, MINIMUM + 10), tail]))).toBe(true);
});

test("uploads under way are listed page by page", async () => {
  const { Bucket, Key, UploadId } = await begin();
  const create = (name: string) =>
    rig.s3.send(new CreateMultipartUploadCommand({ Bucket, Key: name, ChecksumAlgorithm: "CRC32" }));
  for (const name of ["media/film.mp4", "a", "z/1"]) await create(name);
  const found: string[] = [];
  let marker: { KeyMarker?: string; UploadIdMarker?: string } = {};
  for (;;) {
    const page = await rig.s3.send(new ListMultipartUploadsCommand({ Bucket, MaxUploads: 1, ...marker }));
    found.push(...(page.Uploads ?? []).map((upload) => needed(upload.Key)));
    if (!page.IsTruncated) break;
    marker = { KeyMarker: needed(page.NextKeyMarker), UploadIdMarker: needed(page.NextUploadIdMarker) };
  }
  expect(found).toEqual(["a", Key, Key, "z/1"]);
  const some = await rig.s3.send(new ListMultipartUploadsCommand({ Bucket, Prefix: "media/" }));
  expect(some.Uploads?.map((upload) => upload.UploadId)).toContain(UploadId);
  expect(some.Uploads).toHaveLength(2);
});

test("If-None-Match: * refuses to complete over an object that has come meanwhile", async () => {
  const at = await begin();
  const sent = await part(at, 1, noise(10));
  await rig.s3.send(new PutObjectCommand({ Bucket: at.Bucket, Key: at.Key, Body: "first" }));
  const late = complete(at, [sent], { IfNoneMatch: "*" });
  expect(await refusal(late)).toEqual({ code: "PreconditionFailed", status: 412 });
  expect((await read(at)).toString()).toBe("first");
});

test("an object of many parts that is replaced while it is read reaches its reader whole", async () => {
  const at = await begin();
  const stored = rig.blobs().length;
  const bodies = [noise(8 * MIB), noise(8 * MIB), noise(10)];
  const parts = await Promise.all(bodies.map((body, i) => part(at, i + 1, body)));
  await complete(at, parts);
  const { Bucket, Key } = at;
  const got = await rig.s3.send(new GetObjectCommand({ Bucket, Key }));
  await rig.s3.send(new PutObjectCommand({ Bucket, Key, Body: "second" }));
  const bytes = Buffer.from(await needed(got.Body).transformToByteArray());
  expect(bytes.equals(Buffer.concat(bodies))).toBe(true);
  // With the reader gone nothing holds the old parts.
  await until(() => rig.blobs().length === stored + 1, "the old parts freed");
});
