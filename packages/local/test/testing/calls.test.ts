import { globSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as sdk from "@aws-sdk/client-s3";
import { afterAll, beforeAll, expect, test } from "vitest";
import { askedOfDynamodb } from "../../src/testing/calls/dynamodb.ts";
import { type CallRecorder, recordCalls } from "../../src/testing/calls/recorder.ts";
import { CREDENTIALS, client, needed, Rig } from "../s3/support/rig.ts";

const folder = mkdtempSync(join(tmpdir(), "calls-test-"));
const rig = new Rig();
const Bucket = "test-t2m-videos-nowhere-0";
const Key = "users/0199a5b2-6c1f-7e21-8a3d-2f7c9b0e4d15/song.mp3";
let recorder: CallRecorder;
let asFunction: sdk.S3Client;
beforeAll(async () => {
  recorder = recordCalls(folder);
  await rig.start({
    otherAccessKeyIds: new Set(recorder.accessKeyIds.values()),
    onRequest: (_line, exchange) => recorder.onS3Request(exchange),
  });
  await rig.s3.send(new sdk.CreateBucketCommand({ Bucket }));
  const VersioningConfiguration = { Status: "Enabled" } as const;
  await rig.s3.send(new sdk.PutBucketVersioningCommand({ Bucket, VersioningConfiguration }));
  const accessKeyId = needed(recorder.accessKeyIds.get("delete-account"));
  asFunction = client(rig.server.url, { credentials: { ...CREDENTIALS, accessKeyId } });
});
afterAll(async () => {
  asFunction.destroy();
  await rig.remove();
  rmSync(folder, { recursive: true });
});

let known = 0;
/** What was written down since the last look. */
function recorded(): { function: string; action: string; resource: string; prefix?: string }[] {
  const lines = globSync(`${folder}/*.jsonl`).flatMap((file) =>
    readFileSync(file, "utf8").trim().split("\n"),
  );
  const fresh = lines.slice(known);
  known = lines.length;
  return fresh.map((line) => JSON.parse(line));
}
const actions = () => recorded().map(({ action }) => action.replace("s3:", ""));

test("what a function asks of S3 is written down once under its name, with the right that IAM wants and without ids", async () => {
  await rig.s3.send(new sdk.PutObjectCommand({ Bucket, Key, Body: "ours" }));
  expect(recorded()).toEqual([]);
  for (const _ of [1, 2]) await asFunction.send(new sdk.HeadObjectCommand({ Bucket, Key }));
  await asFunction.send(new sdk.ListObjectsV2Command({ Bucket, Prefix: "users/" }));
  expect(recorded()).toEqual([
    { function: "delete-account", action: "s3:GetObject", resource: "videos/users/id/song.mp3" },
    { function: "delete-account", action: "s3:ListBucket", resource: "videos", prefix: "users/" },
  ]);
});

test("each operation of S3 takes the rights that its reference names", async () => {
  const at = (name: string) => ({ Bucket, Key: name });
  const by = async (call: Promise<unknown>) => {
    await call;
    return actions();
  };
  expect(
    await by(asFunction.send(new sdk.PutObjectCommand({ ...at("a"), Body: "1", Tagging: "a=b" }))),
  ).toEqual(["PutObject", "PutObjectTagging"]);
  const { UploadId } = await asFunction.send(new sdk.CreateMultipartUploadCommand(at("b")));
  expect(actions()).toEqual(["PutObject"]);
  const part = { ...at("b"), UploadId, PartNumber: 1 };
  const { ETag } = await asFunction.send(new sdk.UploadPartCommand({ ...part, Body: "1" }));
  expect(await by(asFunction.send(new sdk.ListPartsCommand({ ...at("b"), UploadId })))).toEqual([
    "ListMultipartUploadParts",
  ]);
  const MultipartUpload = { Parts: [{ PartNumber: 1, ETag }] };
  await asFunction.send(new sdk.CompleteMultipartUploadCommand({ ...at("b"), UploadId, MultipartUpload }));
  // To send parts and to join them is to put the object.
  expect(actions()).toEqual([]);
  const open = await asFunction.send(new sdk.CreateMultipartUploadCommand(at("c")));
  actions();
  expect(
    await by(asFunction.send(new sdk.AbortMultipartUploadCommand({ ...at("c"), UploadId: open.UploadId }))),
  ).toEqual(["AbortMultipartUpload"]);
  expect(await by(asFunction.send(new sdk.ListMultipartUploadsCommand({ Bucket })))).toEqual([
    "ListBucketMultipartUploads",
  ]);
  expect(
    await by(asFunction.send(new sdk.PutObjectTaggingCommand({ ...at("b"), Tagging: { TagSet: [] } }))),
  ).toEqual(["PutObjectTagging"]);
  expect(await by(asFunction.send(new sdk.GetObjectTaggingCommand(at("b"))))).toEqual(["GetObjectTagging"]);

  const { Versions } = await asFunction.send(new sdk.ListObjectVersionsCommand({ Bucket, Prefix: "a" }));
  expect(actions()).toEqual(["ListBucketVersions"]);
  const VersionId = needed(Versions?.[0]?.VersionId);
  expect(await by(asFunction.send(new sdk.HeadObjectCommand({ ...at("a"), VersionId })))).toEqual([
    "GetObjectVersion",
  ]);
  const CopySource = `${Bucket}/a?versionId=${VersionId}`;
  // The right to the version's bytes is the one of above.
  expect(await by(asFunction.send(new sdk.CopyObjectCommand({ ...at("d"), CopySource })))).toEqual([
    "PutObject",
    "PutObjectTagging",
    "GetObjectVersionTagging",
  ]);
  expect(await by(asFunction.send(new sdk.DeleteObjectCommand(at("b"))))).toEqual(["DeleteObject"]);
  const Delete = { Objects: [{ Key: "a", VersionId }, { Key: "d" }] };
  expect(await by(asFunction.send(new sdk.DeleteObjectsCommand({ Bucket, Delete })))).toEqual([
    "DeleteObject",
    "DeleteObjectVersion",
    "DeleteObject",
  ]);
  expect(await by(asFunction.send(new sdk.DeleteBucketCommand({ Bucket })).catch(() => undefined))).toEqual([
    "UnknownDELETE",
  ]);
});

test("a transaction takes the rights of its parts, and a query of an index the index's", () => {
  const asked = (operation: string, input: object) =>
    askedOfDynamodb({ operation, body: JSON.stringify(input) }).map((one) => Object.values(one).join(" "));
  const TableName = "test-t2m-live";
  const kinds = ["Put", "Update", "Delete", "ConditionCheck"];
  const TransactItems = kinds.map((kind) => ({ [kind]: { TableName } }));
  expect(asked("TransactWriteItems", { TransactItems })).toEqual(
    ["PutItem", "UpdateItem", "DeleteItem", "ConditionCheckItem"].map((action) => `dynamodb:${action} live`),
  );
  expect(asked("GetItem", { TableName })).toEqual(["dynamodb:GetItem live"]);
  expect(asked("Query", { TableName, IndexName: "due" })).toEqual(["dynamodb:Query live/index/due"]);
});
