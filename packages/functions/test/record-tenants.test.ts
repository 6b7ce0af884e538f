import { api, type OperationName } from "@t2m/contract/api";
import { putObject } from "@t2m/core/storage/objects";
import { v4, v7 } from "uuid";
import { beforeAll, expect, test } from "vitest";
import { givenFile, givenPastJob, givenUpload, newPerson, type Person, useRecord } from "./support/record.ts";
import { problemOf } from "./support/request.ts";

const record = useRecord();
let owner: Person;
let stranger: Person;
/** Of the owner: one of each. */
let owned: Record<string, string>;
const absent = {
  jobId: v7(),
  fileId: v4(),
  batchId: v7(),
  shareId: v7(),
  sessionId: v4(),
  versionId: "none",
};

beforeAll(async () => {
  owner = newPerson();
  stranger = newPerson();
  await Promise.all([owner.asks("getMe"), stranger.asks("getMe")]);
  const jobId = await givenPastJob(record.sql, owner.userId, { topic: "secret.wav" });
  const { fileId, key } = await givenFile(record.sql, owner.userId, { jobId, name: "secret.mp3" });
  await putObject({ bucket: "videos", key, body: "one", contentType: "audio/mpeg" });
  await putObject({ bucket: "videos", key, body: "two", contentType: "audio/mpeg" });
  const params = { fileId };
  const versions = await owner.asks("listFileVersions", { params });
  const shared = await owner.asks("shareFile", { params, body: { expiresInSeconds: 600 } });
  const uploadId = await givenUpload(owner.userId);
  const jobs = [{ uploadId, conversion: { preset: "mp3" } }];
  const batch = await owner.asks("createBatch", { body: { jobs, name: "secret" } });
  const sessions = await owner.asks("listSessions");
  owned = {
    jobId,
    fileId,
    batchId: Object(batch.body).id,
    shareId: Object(shared.body).share.id,
    sessionId: Object(sessions.body).items[0].id,
    versionId: Object(versions.body).items[1].versionId,
  };
});

const bodies: Partial<Record<OperationName, object>> = { shareFile: { expiresInSeconds: 600 } };
const isOfRecord = (path: string) => /^\/(history|me|files|batches|queue)\b/.test(path);

/** Every operation of the record that names something of somebody's. */
const cases = Object.entries(api).flatMap(([name, { route }]) =>
  isOfRecord(route.path) && route.path.includes("{") ? [name as OperationName] : [],
);

test("[C1.5] the operations of the record that name something of somebody's are all tried", () => {
  const rest = Object.entries(api)
    .filter(([, { route }]) => /^\/(history|me|files|shared|batches|queue|admin)\b/.test(route.path))
    .filter(([name]) => !cases.includes(name as OperationName))
    // Support's are refused to everybody else, whomever they name (record-people.test.ts).
    .flatMap(([name, { route }]) => ("permission" in route ? [] : [name]));
  expect(rest.sort()).toEqual(
    [
      ...["listHistory", "getMe", "changeMe", "deleteMe", "listSessions", "listActivity", "getStatistics"],
      ...["exportMyData", "listFiles", "listBatches", "getQueue"],
      // Whoever has the link; another's upload in a batch: record-batches.test.ts.
      ...["openShare", "createBatch"],
    ].sort(),
  );
});

/** All that is stored, but for when somebody was last seen. */
async function everything(): Promise<string> {
  const tables = ["jobs", "job_queue", "batches", "file_metadata", "share_links", "permissions"];
  const rows = await Promise.all(
    tables.map((table) => record.sql`select * from ${record.sql(table)} order by 1, 2`),
  );
  const sessions = await record.sql`select id, revoked_at from sessions order by id`;
  return JSON.stringify([rows, sessions]);
}

test.each(cases)(
  "[C1.5] [VD.4] %s of another's things is 404, word for word as for what never was, and changes nothing",
  async (name) => {
    const before = await everything();
    const request = (params: Record<string, string>) => ({
      params,
      ...(bodies[name] && { body: bodies[name] }),
    });
    const foreign = await stranger.asks(name, request(owned));
    const never = await stranger.asks(name, request(absent));
    expect([foreign.status, never.status]).toEqual([404, 404]);
    expect({ ...problemOf(foreign), requestId: "" }).toEqual({ ...problemOf(never), requestId: "" });
    expect(foreign.text).not.toContain("secret");
    expect(await everything()).toBe(before);
    for (const bad of ["x", "..", "' or 1=1 --", "%00"]) {
      const [key = ""] = /(?<=\{)\w+(?=\})/.exec(api[name].route.path) ?? [];
      expect((await stranger.asks(name, request({ ...owned, [key]: bad }))).status).toBe(404);
    }
  },
);

test("[C1.5] lists and sums of the record show nobody else's things, also by another's cursor or filter", async () => {
  const lists = ["listHistory", "listFiles", "listBatches"] as const;
  for (const name of lists) expect((await stranger.asks(name)).body).toEqual({ items: [] });
  const { jobId = "", batchId = "" } = owned;
  for (const query of [{ batchId }, { cursor: "ffffffff-ffff-7fff-bfff-ffffffffffff" }]) {
    expect((await stranger.asks("listHistory", { query })).body).toEqual({ items: [] });
  }
  expect((await stranger.asks("listFiles", { query: { jobId } })).body).toEqual({ items: [] });
  expect((await stranger.asks("getQueue")).body).toMatchObject({ queued: 0, running: 0 });
  expect((await stranger.asks("getStatistics")).body).toMatchObject({ storedFiles: 0, storedBytes: 0 });
});

test("[VD.4] support sees how jobs go and who uses how much, and no name of a file, no URL, nothing to open", async () => {
  const support = newPerson("of support");
  await support.asks("getMe");
  await record.sql`update users set role = 'admin' where id = ${support.userId}`;
  const asks = (name: OperationName, request: object = {}) =>
    support.asks(name, { claims: { sid: "with more rights" }, ...request });
  await givenPastJob(record.sql, owner.userId, { status: "failed", topic: "secret too.wav" });
  const params = { userId: owner.userId };
  const answers = await Promise.all([
    asks("listUsers"),
    asks("getUser", { params }),
    asks("listUserActivity", { params }),
    asks("listAllJobs", { query: params }),
    asks("listFailures"),
    asks("getThroughput"),
    asks("getStorageUse"),
    asks("getWholeQueue"),
  ]);
  for (const answer of answers) {
    expect(answer.status).toBe(200);
    expect(answer.text).not.toMatch(/secret|https?:|users\//);
  }
  const [, user, , jobs, failures, throughput, storage, queue] = answers.map(({ body }) => Object(body));
  expect(user.statistics).toMatchObject({ storedFiles: 1, storedBytes: 10 });
  expect(jobs.items).toHaveLength(3);
  expect(failures.items).toMatchObject([{ code: "media.unrecognized", jobs: 1, people: 1 }]);
  expect(throughput.hours.at(-1)).toMatchObject({ completed: 1, failed: 1, created: 3 });
  expect(storage).toMatchObject({ files: 1, people: [{ userId: owner.userId }] });
  expect(queue).toMatchObject({ running: 1, people: [{ userId: owner.userId, running: 1 }] });
  // Another's files stay another's for an administrator too.
  expect((await asks("getFile", { params: owned })).status).toBe(404);
  expect((await asks("signFile", { params: owned })).status).toBe(404);
});

test("[VD.4] support cancels a job for its owner, who sees it in their activity", async () => {
  const support = newPerson();
  await support.asks("getMe");
  await record.sql`update users set role = 'admin' where id = ${support.userId}`;
  const { items } = Object(
    (await owner.asks("listBatchJobs", { params: { batchId: owned.batchId ?? "" } })).body,
  );
  const params = { userId: owner.userId, jobId: items[0].id };
  const asks = (request: object) =>
    support.asks("cancelForUser", { claims: { sid: "with more rights" }, ...request });
  expect((await asks({ params })).status).toBe(204);
  expect((await asks({ params: { ...params, userId: stranger.userId } })).status).toBe(404);
  const job = await owner.asks("getJob", { params: { jobId: items[0].id } });
  expect(job.body).toMatchObject({ status: "cancelled" });
  const activity = await owner.asks("listActivity");
  expect(Object(activity.body).items[0]).toMatchObject({ action: "job.cancelled", by: "support" });
});
