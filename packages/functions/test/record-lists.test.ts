import type { OperationName } from "@t2m/contract/api";
import { v7 } from "uuid";
import { beforeAll, expect, test } from "vitest";
import { givenFile, givenPastJob, newPerson, type Person, useRecord } from "./support/record.ts";
import { problemOf } from "./support/request.ts";

const record = useRecord();
let ada: Person;
beforeAll(async () => {
  ada = newPerson();
  await ada.asks("getMe");
});

type Page = { items: { id: string }[]; cursor?: string };

/** Every page, one after the other. */
async function allOf(name: OperationName, query: Record<string, string>): Promise<string[]> {
  const ids: string[] = [];
  for (let cursor: string | undefined, more = true; more; more = cursor !== undefined) {
    const page = { ...query, limit: "4", ...(cursor && { cursor }) };
    const answer = await ada.asks(name, { query: page });
    expect(answer.status).toBe(200);
    const { items, cursor: next }: Page = Object(answer.body);
    ids.push(...items.map(({ id }) => id));
    cursor = next;
  }
  return ids;
}

test("[V4.3] history tells every job once, newest first, page by page, narrowed by state, preset, name and time", async () => {
  const day = (number: number) => new Date(Date.UTC(2026, 2, number));
  const ids: string[] = [];
  for (let number = 1; number <= 10; number++) {
    ids.push(
      await givenPastJob(record.sql, ada.userId, {
        createdAt: day(number),
        topic: number % 2 ? `100%_done ${number}.wav` : `Song ${number}.wav`,
        preset: number <= 3 ? "flac" : "mp3",
        status: number === 7 ? "failed" : "completed",
      }),
    );
  }
  const newestFirst = ids.toReversed();
  expect(await allOf("listHistory", {})).toEqual(newestFirst);
  expect(await allOf("listHistory", { status: "failed" })).toEqual([ids[6]]);
  expect(await allOf("listHistory", { status: "open" })).toEqual([]);
  expect(await allOf("listHistory", { preset: "flac" })).toEqual([ids[2], ids[1], ids[0]]);
  expect(await allOf("listHistory", { media: "audio" })).toEqual(newestFirst);
  expect(await allOf("listHistory", { media: "video" })).toEqual([]);
  expect(await allOf("listHistory", { search: "sONG" })).toHaveLength(5);
  expect(await allOf("listHistory", { search: "100%_d" })).toHaveLength(5);
  expect(await allOf("listHistory", { search: "%" })).toHaveLength(5);
  expect(await allOf("listHistory", { search: "_ong" })).toEqual([]);
  const span = { from: day(3).toISOString(), to: day(5).toISOString() };
  expect(await allOf("listHistory", span)).toEqual([ids[3], ids[2]]);
  expect(await allOf("listHistory", { kind: "film" })).toEqual([]);
  const [failed] = ids.slice(6);
  expect((await ada.asks("getPastJob", { params: { jobId: failed ?? "" } })).body).toMatchObject({
    id: failed,
    status: "failed",
    failure: { code: "media.unrecognized" },
  });
});

test("[V4.3] what is only in the record is deleted from the history by its owner, once; what is still there stays", async () => {
  const past = new Date(Date.now() - 60_000);
  const statuses = ["completed", "completed", "completed", "running"];
  const ids = await Promise.all(statuses.map((status) => givenPastJob(record.sql, ada.userId, { status })));
  const [expired = "", unswept = "", kept = "", open = ""] = ids;
  await record.sql`update jobs set removal = 'expired', removed_at = ${past}, expires_at = ${past} where id = ${expired}`;
  await record.sql`update jobs set expires_at = now() + interval '1 hour' where id = ${kept}`;
  await record.sql`update jobs set expires_at = ${past} where id in ${record.sql([unswept, open])}`;
  await givenFile(record.sql, ada.userId, { jobId: unswept });
  const deleted = (jobId: string) => ada.asks("deletePastJob", { params: { jobId } });

  expect((await Promise.all([expired, expired].map(deleted))).map(({ status }) => status).sort()).toEqual([
    204, 404,
  ]);
  expect((await deleted(unswept)).status).toBe(204);
  expect(await allOf("listFiles", { jobId: unswept })).toEqual([]);
  for (const id of [kept, open]) {
    expect(problemOf(await deleted(id))).toMatchObject({ status: 409, code: "job.not_expired" });
  }
  const listed = await allOf("listHistory", {});
  expect(ids.filter((id) => listed.includes(id))).toEqual([kept, open]);
  expect((await ada.asks("getPastJob", { params: { jobId: expired } })).status).toBe(404);
});

test("files are told with what is known of them, page by page, by kind and name", async () => {
  const jobId = await givenPastJob(record.sql, ada.userId);
  const { fileId } = await givenFile(record.sql, ada.userId, { jobId, name: "Grüße.mp3" });
  const sources: string[] = [];
  // All of one moment: pages must not lose any between them.
  const createdAt = new Date();
  for (let count = 0; count < 9; count++) {
    sources.push((await givenFile(record.sql, ada.userId, { name: `take ${count}.wav`, createdAt })).fileId);
  }
  expect((await allOf("listFiles", {})).toSorted()).toEqual([fileId, ...sources].toSorted());
  expect((await allOf("listFiles", { kind: "source" })).toSorted()).toEqual(sources.toSorted());
  expect(await allOf("listFiles", { search: "GRÜ" })).toEqual([fileId]);
  expect(await allOf("listFiles", { jobId })).toEqual([fileId]);
  expect(await allOf("listFiles", { kind: "nothing" })).toEqual([]);
  expect((await ada.asks("getFile", { params: { fileId } })).body).toMatchObject({
    jobId,
    kind: "main",
    name: "Grüße.mp3",
    sizeBytes: 10,
  });
});

const lists = ["listHistory", "listFiles", "listBatches", "listSessions", "listActivity"] as const;

test.each(lists)("[A8.6] %s refuses absurd pages", async (name) => {
  for (const query of [
    { limit: "0" },
    { limit: "101" },
    { limit: "-1" },
    { limit: "1e9" },
    { limit: "1; drop table jobs" },
    { cursor: "1" },
    { cursor: "' or 1=1 --" },
    { cursor: `${Number.MAX_SAFE_INTEGER}.${v7()}x` },
    { cursor: "9".repeat(201) },
  ]) {
    const answer = await ada.asks(name, { query });
    expect([JSON.stringify(query), answer.status, problemOf(answer).code]).toEqual([
      JSON.stringify(query),
      400,
      "request.invalid",
    ]);
  }
});

test.each([
  ["listHistory", { status: "done" }],
  ["listHistory", { preset: "mp3' or '1'='1" }],
  ["listHistory", { kind: "x".repeat(61) }],
  ["listHistory", { batchId: "1 or 1=1" }],
  ["listHistory", { search: "" }],
  ["listHistory", { search: "x".repeat(101) }],
  ["listHistory", { search: "a\u0000b" }],
  ["listHistory", { from: "yesterday" }],
  ["listHistory", { to: "2026-13-01T00:00:00Z" }],
  ["listFiles", { kind: "main' --" }],
  ["listFiles", { jobId: "..." }],
  ["listFiles", { search: "\u0007" }],
] as const)("[A8.6] %s by %j is refused", async (name, query) => {
  expect((await ada.asks(name, { query })).status).toBe(400);
});

test("[A8.6] what looks like SQL is a text like any other", async () => {
  for (const search of [
    "'; drop table jobs; --",
    "\\",
    "\\%",
    "$1",
    "' union select subject from users --",
    "😀",
    "\ud800",
  ]) {
    for (const name of ["listHistory", "listFiles"] as const) {
      const answer = await ada.asks(name, { query: { search } });
      expect([search, answer.status, answer.body]).toEqual([search, 200, { items: [] }]);
    }
  }
  expect(await record.sql`select count(*)::int as jobs from jobs`).not.toEqual([{ jobs: 0 }]);
});
