import { randomUUID } from "node:crypto";
import { objectKey } from "@t2m/contract/keys";
import { marshall } from "@t2m/core/live/attributes";
import { putObject } from "@t2m/core/storage/objects";
import { listVersions } from "@t2m/core/storage/versions";
import { startServices } from "@t2m/local/testing";
import type { DynamoDBRecord } from "aws-lambda";
import { v7 } from "uuid";
import { afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";

let handler: typeof import("@t2m/functions/stream/cleanup").handler;
const lines: string[] = [];
beforeAll(async () => {
  await startServices();
  ({ handler } = await import("@t2m/functions/stream/cleanup"));
});
beforeEach(() => {
  lines.length = 0;
  // Powertools has a console of its own: Lambda's is slower.
  for (const stream of [process.stdout, process.stderr]) {
    vi.spyOn(stream, "write").mockImplementation((text) => {
      lines.push(...String(text).split("\n").filter(Boolean));
      return true;
    });
  }
});
afterEach(() => void vi.restoreAllMocks());

let sequence = 0;
function record(image: object): DynamoDBRecord {
  const OldImage = marshall(image) as NonNullable<DynamoDBRecord["dynamodb"]>["OldImage"];
  return {
    eventID: randomUUID(),
    eventName: "REMOVE",
    eventSource: "aws:dynamodb",
    dynamodb: { SequenceNumber: String(++sequence), ...(OldImage && { OldImage }) },
  };
}

async function givenOutput() {
  const [userId, jobId] = [randomUUID(), v7()];
  const key = objectKey({ userId, jobId, kind: "outputs", name: "output.mp3" });
  await putObject({ bucket: "videos", key, body: "0123456789", contentType: "audio/mpeg" });
  const left = async () => (await Array.fromAsync(listVersions("videos", key))).flat().length;
  return { left, record: record({ entity: "job", userId, jobId }) };
}

const logged = () => lines.map((line) => JSON.parse(line));

test("[C6.5] one record that cannot be cleaned up is named for a retry; all others are done", async () => {
  const [one, two] = [await givenOutput(), await givenOutput()];
  const poison = record({ entity: "job", userId: "nobody", jobId: "" });
  const answer = await handler({ Records: [one.record, poison, two.record] });
  expect(answer).toEqual({ batchItemFailures: [{ itemIdentifier: poison.dynamodb?.SequenceNumber }] });
  expect([await one.left(), await two.left()]).toEqual([0, 0]);
  expect(logged()).toContainEqual(expect.objectContaining({ level: "ERROR", message: "cleanup failed" }));
});

test("[C6.5] a batch that fails as a whole names every record and does not throw", async () => {
  const poisons = [1, 2].map(() => record({ entity: "job", userId: "nobody", jobId: "" }));
  const { batchItemFailures } = await handler({ Records: poisons });
  expect(batchItemFailures.map(({ itemIdentifier }) => itemIdentifier)).toEqual(
    poisons.map((poison) => poison.dynamodb?.SequenceNumber),
  );
});

test("[C6.4] the counts of what was removed are a structured log line, and metrics", async () => {
  const { record: removed } = await givenOutput();
  await handler({ Records: [removed] });
  const counts = {
    objectVersions: 1,
    sizeBytes: 10,
    multipartUploads: 0,
    items: 0,
    recordsCleaned: 1,
    recordsFailed: 0,
  };
  expect(logged()).toContainEqual(expect.objectContaining({ level: "INFO", message: "cleaned up", counts }));
  const metrics = logged().find((line) => line._aws);
  expect(metrics).toMatchObject({ service: "cleanup", ...counts });
  expect(metrics._aws.CloudWatchMetrics[0]).toMatchObject({
    Namespace: "t2m",
    Metrics: expect.arrayContaining([
      { Name: "objectVersions", Unit: "Count" },
      { Name: "sizeBytes", Unit: "Bytes" },
    ]),
  });
});
