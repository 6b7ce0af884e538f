import { crc32 } from "node:zlib";
import { CreatedUpload } from "@t2m/contract/new-upload";
import { SignedParts, Upload } from "@t2m/contract/uploads";
import { startServices } from "@t2m/local/testing";
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import { type Gate, startGate } from "./support/gate.ts";
import { ask, problemOf } from "./support/request.ts";

const load = async () => ({
  create: (await import("@t2m/functions/http/create-upload")).handler,
  get: (await import("@t2m/functions/http/get-upload")).handler,
  list: (await import("@t2m/functions/http/list-uploads")).handler,
  sign: (await import("@t2m/functions/http/sign-parts")).handler,
  parts: (await import("@t2m/functions/http/list-parts")).handler,
  record: (await import("@t2m/functions/http/record-part")).handler,
  complete: (await import("@t2m/functions/http/complete-upload")).handler,
  abort: (await import("@t2m/functions/http/abort-upload")).handler,
  health: (await import("@t2m/functions/http/check-health")).handler,
});
let http: Awaited<ReturnType<typeof load>>;
let [s3, dynamodb]: Gate[] = [];
const gates = () => {
  if (!s3 || !dynamodb) throw new Error("not started");
  return { s3, dynamodb };
};

beforeAll(async () => {
  const services = await startServices();
  s3 = await startGate(services.s3.endpoint);
  dynamodb = await startGate(services.dynamodb.endpoint);
  process.env.AWS_ENDPOINT_URL_S3 = s3.url;
  process.env.AWS_ENDPOINT_URL_DYNAMODB = dynamodb.url;
  http = await load();
});
afterAll(async () => {
  await Promise.all([s3?.close(), dynamodb?.close()]);
});
afterEach(() => vi.restoreAllMocks());

const subject = "anna";
const bytes = Buffer.from("RIFF but not really");
const file = { name: "song.wav", type: "audio/wav", sizeBytes: bytes.length };

async function begin(): Promise<{ uploadId: string }> {
  const { upload } = CreatedUpload.parse((await ask(http.create, { subject, body: file })).body);
  return { uploadId: upload.id };
}

async function send(params: { uploadId: string }): Promise<void> {
  const checksum = Buffer.alloc(4);
  checksum.writeUInt32BE(crc32(bytes));
  const parts = [{ partNumber: 1, checksumCrc32: checksum.toString("base64") }];
  const signed = SignedParts.parse((await ask(http.sign, { subject, params, body: { parts } })).body);
  const [part] = signed.parts;
  const response = await fetch(part?.url ?? "", { method: "PUT", headers: part?.headers ?? {}, body: bytes });
  expect(response.status).toBe(200);
}

test("[C3.1] an upload goes from its beginning to its end, and its media never through a function", async () => {
  const created = await ask(http.create, { subject, body: { ...file, conversions: [{ preset: "mp3" }] } });
  expect(created.status).toBe(201);
  const { upload, jobs } = CreatedUpload.parse(created.body);
  expect(jobs).toMatchObject([{ status: "waiting", conversion: { preset: "mp3" } }]);
  const params = { uploadId: upload.id };
  await send(params);
  expect((await ask(http.parts, { subject, params })).body).toMatchObject({ missing: [] });
  const recorded = await ask(http.record, { subject, params: { ...params, partNumber: "1" } });
  expect([recorded.status, Upload.parse(recorded.body).percent]).toEqual([200, 99.9]);
  const polled = await ask(http.get, { subject, params });
  expect([polled.status, polled.headers["retry-after"]]).toEqual([200, "1"]);
  const completed = await ask(http.complete, { subject, params });
  expect([completed.status, Upload.parse(completed.body).percent]).toEqual([200, 100]);
  expect((await ask(http.get, { subject, params })).headers["retry-after"]).toBeUndefined();
  expect((await ask(http.list, { subject })).body).toMatchObject({ items: [{ id: upload.id }] });
  const gone = await ask(http.abort, { subject, params });
  expect([gone.status, gone.text]).toEqual([204, ""]);
  expect((await ask(http.get, { subject, params })).status).toBe(404);
});

test("[C1.2] a poll is one strongly consistent read of one item, signing needs no more, recording is one update", async () => {
  const params = await begin();
  const { s3, dynamodb } = gates();
  const during = async (work: Promise<unknown>) => {
    const [before, s3Before] = [dynamodb.seen.length, s3.seen.length];
    await work;
    expect(s3.seen.length).toBe(s3Before);
    return dynamodb.seen.slice(before);
  };
  const [read, ...others] = await during(ask(http.get, { subject, params }));
  expect([read?.name, others]).toEqual(["GetItem", []]);
  expect(JSON.parse(read?.body ?? "")).toMatchObject({ ConsistentRead: true });
  const body = { parts: [{ partNumber: 1, checksumCrc32: "AAAAAA==" }] };
  const signing = await during(ask(http.sign, { subject, params, body }));
  expect(signing.map(({ name }) => name)).toEqual(["GetItem"]);
  const recording = await during(ask(http.record, { subject, params: { ...params, partNumber: "1" } }));
  expect(recording.map(({ name }) => name)).toEqual(["UpdateItem"]);
});

test("[C1.5] another person's upload is 404 for every verb, word for word as one that never was", async () => {
  const params = await begin();
  const body = { parts: [{ partNumber: 1, checksumCrc32: "AAAAAA==" }] };
  for (const [handler, request] of [
    [http.get, { params }],
    [http.sign, { params, body }],
    [http.parts, { params }],
    [http.record, { params: { ...params, partNumber: "1" } }],
    [http.complete, { params }],
    [http.abort, { params }],
  ] as const) {
    const foreign = await ask(handler, { subject: "mallory", ...request });
    const absentId = "018f0000-0000-7000-8000-000000000000";
    const absent = await ask(handler, {
      subject,
      ...request,
      params: { ...request.params, uploadId: absentId },
    });
    expect(foreign.status).toBe(404);
    expect({ ...problemOf(foreign), requestId: "" }).toEqual({ ...problemOf(absent), requestId: "" });
  }
  expect((await ask(http.get, { subject, params })).status).toBe(200);
});

test("the same Idempotency-Key makes one upload; with another body it is refused", async () => {
  const headers = { "idempotency-key": "k1" };
  const first = await ask(http.create, { subject, body: file, headers });
  const second = await ask(http.create, { subject, body: file, headers });
  expect([first.status, second.status]).toEqual([201, 200]);
  expect(second.body).toEqual(first.body);
  const other = await ask(http.create, { subject, body: { ...file, sizeBytes: 5 }, headers });
  expect([other.status, problemOf(other).code]).toEqual([422, "idempotency.mismatch"]);
});

test("[C7.5] [V1.5] S3 or DynamoDB away: 503 with Retry-After after logged retries, and nothing is lost", async () => {
  const { s3, dynamodb } = gates();
  const params = await begin();
  await send(params);
  const warned = vi.spyOn(process.stdout, "write").mockReturnValue(true);
  for (const [service, handlers] of [
    [dynamodb, [http.get, http.list, http.complete, http.abort, http.parts]],
    [s3, [http.complete, http.parts]],
  ] as const) {
    await service.close();
    for (const handler of handlers) {
      const started = performance.now();
      const response = await ask(handler, { subject, params });
      expect([response.status, response.headers["retry-after"]]).toEqual([503, "2"]);
      expect(problemOf(response).detail).not.toMatch(/ECONNREFUSED|127\.0\.0\.1|dynamo|s3/i);
      expect(performance.now() - started).toBeLessThan(6_000);
    }
    expect((await ask(http.create, { subject, body: file })).status).toBe(503);
    const deep = await ask(http.health, { query: { check: "deep" } });
    expect([deep.status, deep.body]).toMatchObject([503, { status: "degraded" }]);
    expect((await ask(http.health)).body).toMatchObject({ status: "ok" });
    await service.open();
  }
  const retries = warned.mock.calls.filter(([line]) => String(line).includes('"message":"retrying"'));
  expect(retries.length).toBeGreaterThan(0);
  expect((await ask(http.health, { query: { check: "deep" } })).body).toMatchObject({ status: "ok" });
  expect((await ask(http.complete, { subject, params })).status).toBe(200);
});
