import {
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  PutBucketNotificationConfigurationCommand,
  PutObjectCommand,
  UploadPartCommand,
} from "@aws-sdk/client-s3";
import { expect, onTestFinished, test } from "vitest";
import type { S3Event, S3EventRecord } from "../../src/s3/server.ts";
import { CREDENTIALS, needed, REGION, Rig, until, useRig } from "./support/rig.ts";

const rig = useRig();

async function eventsOf(bucket: string, count: number): Promise<S3EventRecord[]> {
  const records = () =>
    rig.events.filter((entry) => entry.bucket === bucket).flatMap((entry) => entry.event.Records);
  await until(() => records().length >= count, `${count} events of ${bucket}`);
  return records();
}

test("an upload is told in S3's event message 2.1", async () => {
  const Bucket = await rig.bucket();
  const Key = "users/jo ö/a+b.mp3";
  const put = await rig.s3.send(new PutObjectCommand({ Bucket, Key, Body: "abc" }));
  const records = await eventsOf(Bucket, 1);
  const requestId = needed(put.$metadata.requestId);
  expect(records).toEqual([
    {
      eventVersion: "2.1",
      eventSource: "aws:s3",
      awsRegion: REGION,
      eventTime: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      eventName: "ObjectCreated:Put",
      userIdentity: { principalId: `AWS:${CREDENTIALS.accessKeyId}` },
      requestParameters: { sourceIPAddress: "127.0.0.1" },
      responseElements: { "x-amz-request-id": requestId, "x-amz-id-2": requestId },
      s3: {
        s3SchemaVersion: "1.0",
        configurationId: "any",
        bucket: { name: Bucket, ownerIdentity: { principalId: "LOCAL" }, arn: `arn:aws:s3:::${Bucket}` },
        object: {
          key: "users/jo+%C3%B6/a%2Bb.mp3",
          size: 3,
          eTag: "900150983cd24fb0d6963f7d28e17f72",
          sequencer: expect.stringMatching(/^[0-9A-F]{18}$/),
        },
      },
    },
  ]);
});

test("each way to create or remove an object has its event, in the order of its sequencer", async () => {
  const Bucket = await rig.bucket({ versioned: true });
  const at = { Bucket, Key: "k" };
  await rig.s3.send(new PutObjectCommand({ ...at, Body: "x" }));
  await rig.s3.send(new CopyObjectCommand({ Bucket, Key: "copy", CopySource: `${Bucket}/k` }));
  const { UploadId } = await rig.s3.send(new CreateMultipartUploadCommand(at));
  const part = await rig.s3.send(new UploadPartCommand({ ...at, UploadId, PartNumber: 1, Body: "part" }));
  const Parts = [{ PartNumber: 1, ETag: part.ETag }];
  const done = await rig.s3.send(
    new CompleteMultipartUploadCommand({ ...at, UploadId, MultipartUpload: { Parts } }),
  );
  const marker = await rig.s3.send(new DeleteObjectCommand(at));
  await rig.s3.send(new DeleteObjectCommand({ ...at, VersionId: done.VersionId }));
  await rig.s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects: [{ Key: "copy" }] } }));

  const records = await eventsOf(Bucket, 6);
  expect(records.map((record) => [record.eventName, record.s3.object.key, record.s3.object.size])).toEqual([
    ["ObjectCreated:Put", "k", 1],
    ["ObjectCreated:Copy", "copy", 1],
    ["ObjectCreated:CompleteMultipartUpload", "k", 4],
    ["ObjectRemoved:DeleteMarkerCreated", "k", undefined],
    ["ObjectRemoved:Delete", "k", undefined],
    ["ObjectRemoved:DeleteMarkerCreated", "copy", undefined],
  ]);
  expect(records[3]?.s3.object.versionId).toBe(marker.VersionId);
  expect(records[4]?.s3.object.versionId).toBe(done.VersionId);
  const sequence = records.map((record) => record.s3.object.sequencer);
  expect([...sequence].sort()).toEqual(sequence);
});

test("the configuration id is that of the entry whose prefix and suffix match", async () => {
  const Bucket = await rig.bucket();
  const FilterRules = [
    { Name: "prefix" as const, Value: "in/" },
    { Name: "suffix" as const, Value: ".wav" },
  ];
  const entry = {
    Id: "convert",
    LambdaFunctionArn: "arn:aws:lambda:eu-central-1:000000000000:function:convert",
    Events: ["s3:ObjectCreated:*" as const],
    Filter: { Key: { FilterRules } },
  };
  await rig.s3.send(
    new PutBucketNotificationConfigurationCommand({
      Bucket,
      NotificationConfiguration: { LambdaFunctionConfigurations: [entry] },
    }),
  );
  for (const Key of ["in/a.wav", "in/a.mp3", "a.wav"])
    await rig.s3.send(new PutObjectCommand({ Bucket, Key, Body: "x" }));
  await rig.s3.send(new DeleteObjectCommand({ Bucket, Key: "in/a.wav" }));
  const records = await eventsOf(Bucket, 4);
  expect(records.map((record) => record.s3.configurationId)).toEqual(["convert", "any", "any", "any"]);
});

test("a receiver that fails is asked again until it takes the event", async () => {
  const own = new Rig();
  onTestFinished(() => own.remove());
  const seen: S3Event[] = [];
  await own.start({
    onEvent: async (_bucket, event) => {
      seen.push(event);
      if (seen.length < 3) throw new Error("not yet");
    },
  });
  await own.s3.send(new PutObjectCommand({ Bucket: await own.bucket(), Key: "k", Body: "x" }));
  await until(() => seen.length === 3, "the third attempt");
  expect(seen[2]).toEqual(seen[0]);
  // Taken now: a restart brings nothing.
  await own.stop();
  await own.start();
  await own.s3.send(new PutObjectCommand({ Bucket: await own.bucket(), Key: "next", Body: "x" }));
  await until(() => own.events.length > 0, "an event");
  expect(own.events.map((entry) => entry.event.Records[0]?.s3.object.key)).toEqual(["next"]);
});

test("an event that was not taken before a stop comes again after the restart", async () => {
  const own = new Rig();
  onTestFinished(() => own.remove());
  let started = 0;
  await own.start({
    onEvent: () => {
      started += 1;
      return new Promise(() => undefined);
    },
  });
  const Bucket = await own.bucket();
  await own.s3.send(new PutObjectCommand({ Bucket, Key: "k", Body: "x" }));
  await until(() => started === 1, "the first delivery");
  await own.stop();
  await own.start();
  await until(() => own.events.length === 1, "the second delivery");
  expect(own.events[0]).toMatchObject({ bucket: Bucket });
});
