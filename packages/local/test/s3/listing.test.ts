import {
  CopyObjectCommand,
  CreateBucketCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  paginateListObjectsV2,
} from "@aws-sdk/client-s3";
import { expect, test } from "vitest";
import { needed, refusal, useRig } from "./support/rig.ts";

const rig = useRig();

async function fill(keys: string[], options: { versioned?: boolean } = {}): Promise<string> {
  const Bucket = await rig.bucket(options);
  for (const Key of keys) await rig.s3.send(new PutObjectCommand({ Bucket, Key, Body: Key }));
  return Bucket;
}

/** Every page of `size` entries, keys and common prefixes as one list per page. */
async function pages(Bucket: string, size: number, query: object): Promise<string[][]> {
  const found: string[][] = [];
  for await (const page of paginateListObjectsV2({ client: rig.s3, pageSize: size }, { Bucket, ...query })) {
    const keys = (page.Contents ?? []).map((object) => needed(object.Key));
    const prefixes = (page.CommonPrefixes ?? []).map((common) => needed(common.Prefix));
    expect(page.KeyCount).toBe(keys.length + prefixes.length);
    found.push([...keys, ...prefixes]);
  }
  return found;
}

// The last two differ in UTF-8 and UTF-16 order: U+FFFD is below U+1F3AC only in UTF-8.
const UNSORTED = ["b", "a/1", "Z", "a/2/x", "a", "é", "a/2/y", "a b", "a-b", "\u{1f3ac}", "\ufffd"];
const SORTED = ["Z", "a", "a b", "a-b", "a/1", "a/2/x", "a/2/y", "b", "é", "\ufffd", "\u{1f3ac}"];

test("keys come in the order of their UTF-8 bytes, whatever the page size", async () => {
  const Bucket = await fill(UNSORTED);
  for (const size of [1, 3, 1000]) expect((await pages(Bucket, size, {})).flat()).toEqual(SORTED);
  const after = await rig.s3.send(new ListObjectsV2Command({ Bucket, StartAfter: "a/2/x" }));
  expect(after.Contents?.map((object) => object.Key)).toEqual(SORTED.slice(6));
});

test("a delimiter folds keys into common prefixes that count as entries of a page, once each", async () => {
  const Bucket = await fill(UNSORTED);
  const folded = ["Z", "a", "a b", "a-b", "a/", "b", "é", "\ufffd", "\u{1f3ac}"];
  for (const size of [1, 2, 1000]) {
    const found = await pages(Bucket, size, { Delimiter: "/" });
    expect(found.flat().sort()).toEqual([...folded].sort());
    expect(found.every((page) => page.length <= size)).toBe(true);
  }
  expect((await pages(Bucket, 1, { Delimiter: "/", Prefix: "a/" })).flat()).toEqual(["a/1", "a/2/"]);
  expect((await pages(Bucket, 10, { Prefix: "a/2" })).flat()).toEqual(["a/2/x", "a/2/y"]);
  expect((await pages(Bucket, 10, { Prefix: "none" })).flat()).toEqual([]);
});

test("prefixes that end in the highest code points neither loop nor lose keys", async () => {
  const top = "p\u{10ffff}";
  const Bucket = await fill([`${top}/a`, `${top}/b`, `${top}\u{10ffff}`, "p\ud7ff/x", "p\ue000"]);
  const folded = (await pages(Bucket, 1, { Delimiter: "/", Prefix: "p" })).flat();
  expect(folded).toEqual(["p\ud7ff/", "p\ue000", `${top}/`, `${top}\u{10ffff}`]);
  const delimited = (await pages(Bucket, 1, { Delimiter: "\u{10ffff}", Prefix: "p" })).flat();
  expect(delimited).toEqual(["p\ud7ff/x", "p\ue000", top]);
  // The code points after U+D7FF are surrogates, which are no characters.
  const below = (await pages(Bucket, 1, { Delimiter: "\ud7ff" })).flat();
  expect(below.slice(0, 2)).toEqual(["p\ud7ff", "p\ue000"]);
});

test("ListObjects version 1 pages by marker", async () => {
  const Bucket = await fill(UNSORTED);
  const first = await rig.s3.send(new ListObjectsCommand({ Bucket, MaxKeys: 5, Delimiter: "/" }));
  expect(first).toMatchObject({ IsTruncated: true, NextMarker: "a/" });
  const rest = await rig.s3.send(
    new ListObjectsCommand({ Bucket, Delimiter: "/", Marker: first.NextMarker }),
  );
  expect(rest.Contents?.map((object) => object.Key)).toEqual(SORTED.slice(7));
});

test("a listing names size, ETag and checksum kind, and refuses what is no page size or token", async () => {
  const Bucket = await fill(["abc"]);
  const { Contents } = await rig.s3.send(new ListObjectsV2Command({ Bucket }));
  expect(Contents).toMatchObject([
    {
      Size: 3,
      ETag: '"900150983cd24fb0d6963f7d28e17f72"',
      ChecksumAlgorithm: ["CRC32"],
      StorageClass: "STANDARD",
    },
  ]);
  const none = await rig.s3.send(new ListObjectsV2Command({ Bucket, MaxKeys: 0 }));
  expect(none).toMatchObject({ KeyCount: 0, IsTruncated: false });
  const invalid = { code: "InvalidArgument", status: 400 };
  expect(await refusal(rig.s3.send(new ListObjectsV2Command({ Bucket, MaxKeys: -1 })))).toEqual(invalid);
  const token = rig.s3.send(new ListObjectsV2Command({ Bucket, ContinuationToken: "?" }));
  expect(await refusal(token)).toEqual(invalid);
});

test("versions are kept, hidden by a delete marker, listed newest first and restored", async () => {
  const Bucket = await rig.bucket({ versioned: true });
  const at = { Bucket, Key: "k" };
  const put = (Body: string) => rig.s3.send(new PutObjectCommand({ ...at, Body }));
  const [one, two] = [await put("one"), await put("two")];
  const marker = await rig.s3.send(new DeleteObjectCommand(at));
  expect(marker.DeleteMarker).toBe(true);
  expect(await refusal(rig.s3.send(new GetObjectCommand(at)))).toEqual({ code: "NoSuchKey", status: 404 });
  expect((await rig.s3.send(new ListObjectsV2Command({ Bucket }))).KeyCount).toBe(0);
  const named = rig.s3.send(new GetObjectCommand({ ...at, VersionId: marker.VersionId }));
  expect(await refusal(named)).toEqual({ code: "MethodNotAllowed", status: 405 });
  const unknown = rig.s3.send(new GetObjectCommand({ ...at, VersionId: "unknown" }));
  expect(await refusal(unknown)).toEqual({ code: "NoSuchVersion", status: 404 });

  const listed = await rig.s3.send(new ListObjectVersionsCommand({ Bucket }));
  expect(listed.Versions).toMatchObject([
    { VersionId: two.VersionId, IsLatest: false, Size: 3 },
    { VersionId: one.VersionId, IsLatest: false },
  ]);
  expect(listed.DeleteMarkers).toMatchObject([{ VersionId: marker.VersionId, IsLatest: true }]);

  await rig.s3.send(new DeleteObjectCommand({ ...at, VersionId: marker.VersionId }));
  const body = async (VersionId?: string) => {
    const got = await rig.s3.send(new GetObjectCommand({ ...at, VersionId }));
    return needed(got.Body).transformToString();
  };
  expect([await body(), await body(one.VersionId)]).toEqual(["two", "one"]);
  const CopySource = `${Bucket}/k?versionId=${one.VersionId}`;
  const restored = await rig.s3.send(new CopyObjectCommand({ ...at, CopySource }));
  expect(restored.CopySourceVersionId).toBe(one.VersionId);
  expect(await body()).toBe("one");
});

test("deleting every version of many keys frees every byte, and then the bucket can go", async () => {
  const before = rig.blobs().length;
  const Bucket = await fill(["a", "b", "a", "b", "c"], { versioned: true });
  await rig.s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects: [{ Key: "a" }, { Key: "c" }] } }));
  const { Versions = [], DeleteMarkers = [] } = await rig.s3.send(new ListObjectVersionsCommand({ Bucket }));
  expect([Versions.length, DeleteMarkers.length]).toEqual([5, 2]);
  const Objects = [...Versions, ...DeleteMarkers].map(({ Key, VersionId }) => ({ Key, VersionId }));
  const { Deleted } = await rig.s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects } }));
  expect(Deleted).toHaveLength(7);
  expect(Deleted?.filter((entry) => entry.DeleteMarker)).toHaveLength(2);
  expect(rig.blobs()).toHaveLength(before);
  const left = await rig.s3.send(new ListObjectVersionsCommand({ Bucket }));
  expect([left.Versions, left.DeleteMarkers]).toEqual([undefined, undefined]);
});

test("versions page by key and version marker without loss or repeat", async () => {
  const Bucket = await fill(["a", "a", "a", "b/1", "b/2", "c", "c"], { versioned: true });
  const found: string[] = [];
  let markers: { KeyMarker?: string; VersionIdMarker?: string } = {};
  for (;;) {
    const page = await rig.s3.send(
      new ListObjectVersionsCommand({ Bucket, MaxKeys: 2, Delimiter: "/", ...markers }),
    );
    found.push(...(page.Versions ?? []).map((version) => needed(version.Key)));
    found.push(...(page.CommonPrefixes ?? []).map((common) => needed(common.Prefix)));
    if (!page.IsTruncated) break;
    const next = { KeyMarker: needed(page.NextKeyMarker) };
    markers = page.NextVersionIdMarker ? { ...next, VersionIdMarker: page.NextVersionIdMarker } : next;
  }
  expect(found.sort()).toEqual(["a", "a", "a", "b/", "c", "c"]);
});

test("with versioning suspended a write replaces the null version alone", async () => {
  const Bucket = await rig.bucket();
  const at = { Bucket, Key: "k" };
  const versioning = (Status: "Enabled" | "Suspended") =>
    rig.s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status } }));
  await rig.s3.send(new PutObjectCommand({ ...at, Body: "before" }));
  await versioning("Enabled");
  const kept = await rig.s3.send(new PutObjectCommand({ ...at, Body: "kept" }));
  await versioning("Suspended");
  const written = await rig.s3.send(new PutObjectCommand({ ...at, Body: "after" }));
  expect(written.VersionId).toBe("null");
  const { Versions } = await rig.s3.send(new ListObjectVersionsCommand({ Bucket }));
  expect(Versions?.map((version) => version.VersionId)).toEqual(["null", kept.VersionId]);
  expect((await rig.s3.send(new HeadObjectCommand(at))).VersionId).toBe("null");
});

test("bucket names follow S3's rules and a bucket is created once", async () => {
  const create = (Bucket: string) => rig.s3.send(new CreateBucketCommand({ Bucket }));
  for (const name of ["Upper", "ab", "under_score", "dots..here"])
    expect(await refusal(create(name))).toEqual({ code: "InvalidBucketName", status: 400 });
  const owned = { code: "BucketAlreadyOwnedByYou", status: 409 };
  expect(await refusal(create(await rig.bucket()))).toEqual(owned);
});
