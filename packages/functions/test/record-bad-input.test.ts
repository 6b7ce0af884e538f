import { api, type OperationName } from "@t2m/contract/api";
import type { Route } from "@t2m/contract/route";
import { v4, v7 } from "uuid";
import { beforeAll, expect, test } from "vitest";
import { givenFile, givenPastJob, newPerson, nobodys, type Person, useRecord } from "./support/record.ts";
import { problemOf } from "./support/request.ts";

const record = useRecord();
let boss: Person;
beforeAll(async () => {
  boss = newPerson();
  await record.sql`insert into users (id, role) values (${boss.userId}, 'admin')`;
  const jobId = await givenPastJob(record.sql, boss.userId);
  await givenFile(record.sql, boss.userId, { jobId });
});

const ofRecord = Object.entries(api).flatMap(([name, { route }]): [OperationName, Route][] =>
  /^\/(history|me|files|shared|batches|queue|admin)\b/.test(route.path)
    ? [[name as OperationName, route as Route]]
    : [],
);

const injected = ["' or 1=1 --", "'; drop table jobs; --", "1) union select * from users --", "$1", "\u0000"];
const notMoments = ["yesterday", "1", "2026-02-30T00:00:00Z", "99999-01-01T00:00:00Z", ...injected];
const notIds = ["x", "0", v7().slice(1), `${v7()}'`, ...injected];
const notWords = ["", "UPPER", "a b", "x".repeat(61), ...injected];
/** By the name of what a list is asked for. */
const badValues: Record<string, readonly string[]> = {
  limit: ["0", "-1", "101", "1e2", "1.5", "", " 1", "ten", "9".repeat(30), ...injected],
  cursor: [
    "x",
    "x".repeat(201),
    v7().replace("-7", "-g"),
    `999999999999999.${v4()}`,
    `-1.${v4()}`,
    `1.${v4()}.1`,
    "1.2",
    ...injected,
  ],
  search: ["", "x".repeat(101), "\u0000", "a\nb"],
  from: notMoments,
  to: notMoments,
  status: ["done", "COMPLETED", "", ...injected],
  kind: notWords,
  media: ["sound", "AUDIO", "", ...injected],
  preset: notWords,
  failureCode: notWords,
  batchId: notIds,
  jobId: notIds,
  userId: notIds,
  for: ["steal", "", ...injected],
  versionId: ["", "a b", "../..", "x".repeat(1_025), ...injected],
};

const withQuery = ofRecord.filter(([, { query }]) => query);

test("the values that are tried are for all that lists can be asked for", () => {
  const asked = new Set(withQuery.flatMap(([, { query }]) => Object.keys(query?.shape ?? {})));
  expect([...asked].sort()).toEqual(Object.keys(badValues).sort());
});

test.each(withQuery)(
  "[A8.6] %s refuses absurd pages and filters with 400 and says which",
  async (name, { query }) => {
    for (const key of Object.keys(query?.shape ?? {})) {
      for (const value of badValues[key] ?? []) {
        const request = { params: { ...nobodys, userId: boss.userId }, query: { [key]: value } };
        const answer = await boss.asks(name, request);
        expect([key, value, answer.status]).toEqual([key, value, 400]);
        expect([key, value, problemOf(answer).problems?.[0]?.path]).toEqual([key, value, `query.${key}`]);
      }
    }
  },
);

test.each(ofRecord.filter(([, { path }]) => path.includes("{")))(
  "[A8.6] %s of what can be no id is 404",
  async (name, { path }) => {
    for (const key of path.matchAll(/(?<=\{)\w+(?=\})/g)) {
      for (const value of [...notIds, "..", "%00"]) {
        const answer = await boss.asks(name, {
          params: { ...nobodys, [String(key)]: value },
          body: bodies[name],
        });
        expect([value, answer.status]).toEqual([value, 404]);
      }
    }
  },
);

const bodies: Partial<Record<OperationName, object>> = {
  shareFile: { expiresInSeconds: 600 },
  changeAccess: { role: "user", permissions: [] },
  setSuspension: { isSuspended: true },
};

test("[A8.6] SQL in a search is words that nothing is called, and changes nothing", async () => {
  const everything = async () =>
    JSON.stringify([await record.sql`select * from jobs`, await record.sql`select * from file_metadata`]);
  const before = await everything();
  for (const search of [...injected.slice(0, -1), "%", "_", "\\", "' || pg_sleep(9) || '"]) {
    for (const name of ["listHistory", "listFiles", "listUsers"] as const) {
      const answer = await boss.asks(name, { query: { search } });
      expect([search, answer.status, answer.body]).toEqual([search, 200, { items: [] }]);
    }
  }
  expect(await everything()).toBe(before);
});
