import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { api, type OperationName } from "@t2m/contract/api";
import { exportKey, objectKey, userPrefix } from "@t2m/contract/keys";
import { findBinaries } from "@t2m/core/ffmpeg/binaries";
import { claimStep } from "@t2m/core/jobs/claim";
import { runConvertStep } from "@t2m/core/jobs/convert-step";
import { uploadItemKey } from "@t2m/core/live/keys";
import { getItem } from "@t2m/core/live/table";
import { putObject } from "@t2m/core/storage/objects";
import { listVersions } from "@t2m/core/storage/versions";
import { v7 } from "uuid";
import { afterEach, expect, test, vi } from "vitest";
import { noise } from "./support/person.ts";
import { givenFile, givenPastJob, givenUpload, newPerson, useRecord } from "./support/record.ts";
import { problemOf } from "./support/request.ts";

const record = useRecord();
afterEach(() => vi.useRealTimers());
let clockMs = Date.now();
/** The clock of this process, on which what functions know of people grows old, only goes on. */
function later(ms: number): void {
  clockMs = Math.max(clockMs, Date.now()) + ms;
  vi.useFakeTimers({ toFake: ["Date"], now: clockMs });
}
const aMinuteLater = () => later(60_000);

test("[VD.4] [V4.4] [A4.1] the first sight of a token makes the person, with name and address; what they are called is then theirs to say", async () => {
  const ada = newPerson();
  const claims = { name: "Ada", email: "ada@example.org", exp: String(Math.floor(Date.now() / 1000) + 600) };
  const first = await ada.asks("getMe", { claims });
  expect([first.status, first.body]).toMatchObject([
    200,
    { id: ada.userId, name: "Ada", email: "ada@example.org", role: "user", permissions: [] },
  ]);
  const changed = await ada.asks("changeMe", { body: { name: "Ada L." } });
  expect(changed.body).toMatchObject({ name: "Ada L." });
  aMinuteLater();
  expect((await ada.asks("getMe", { claims })).body).toMatchObject({ name: "Ada L." });
  const { body } = await ada.asks("listActivity");
  expect(body).toMatchObject({
    items: [
      { action: "profile.changed", by: "you" },
      { action: "account.created", by: "you" },
    ],
  });
  const [row] = await record.sql`select issuer, subject, role from users where id = ${ada.userId}`;
  expect(row).toEqual({ issuer: "http://issuer.test", subject: ada.subject, role: "user" });
});

test("[VD.4] a session that was ended is refused within a minute, by the live plane and by the record; the others go on", async () => {
  const [here, there] = ["this device", "another device"];
  const ada = newPerson(here);
  const elsewhere = { claims: { sid: there } };
  await ada.asks("getMe");
  await ada.asks("getMe", elsewhere);
  const uploadId = await givenUpload(ada.userId);
  expect((await ada.asks("getUpload", { ...elsewhere, params: { uploadId } })).status).toBe(200);

  const { items } = Object((await ada.asks("listSessions")).body);
  expect(items).toHaveLength(2);
  const other = items.find(({ isCurrent }: { isCurrent: boolean }) => !isCurrent);
  const params = { sessionId: other.id };
  expect((await newPerson().asks("revokeSession", { params })).status).toBe(404);
  expect((await ada.asks("revokeSession", { params })).status).toBe(204);
  expect((await ada.asks("revokeSession", { params })).status).toBe(204);

  aMinuteLater();
  const refusals = await Promise.all([
    ada.asks("getMe", elsewhere),
    ada.asks("getUpload", { ...elsewhere, params: { uploadId } }),
    ada.asks("listJobs", elsewhere),
    ada.asks("abortUpload", { ...elsewhere, params: { uploadId } }),
  ]);
  expect(refusals.map((refused) => [refused.status, problemOf(refused).code])).toEqual(
    Array(4).fill([401, "auth.required"]),
  );
  expect((await ada.asks("getMe")).status).toBe(200);
  expect((await ada.asks("getUpload", { params: { uploadId } })).status).toBe(200);
  const { items: activity } = Object((await ada.asks("listActivity")).body);
  expect(activity.filter(({ action }: { action: string }) => action === "session.revoked")).toHaveLength(1);
});

test("[VD.4] who is suspended is refused within a minute by both planes, in words; what is under way ends well, what is in line waits, and all is there once they are let in again", async () => {
  const [boss, ada] = [newPerson(), newPerson()];
  await record.sql`insert into users (id, role) values (${boss.userId}, 'admin')`;
  await ada.asks("getMe");
  const { userId } = ada;
  const source = noise(1);
  const uploadId = await givenUpload(userId, { sizeBytes: source.length });
  const key = objectKey({ userId, uploadId });
  await putObject({ bucket: "uploads", key, body: source, contentType: "audio/wav" });
  const conversion = { preset: "mp3" };
  const { id: jobId } = Object((await ada.asks("createJob", { body: { uploadId, conversion } })).body);
  const claim = await claimStep({ userId, jobId, step: "convert" });
  const jobs = Array(6).fill({ uploadId, conversion });
  await ada.asks("createBatch", { body: { jobs } });
  const { body: own } = await ada.asks("createBatch", { body: { jobs: jobs.slice(0, 1) } });
  await ada.asks("pauseBatch", { params: { batchId: Object(own).id } });

  const suspends = (isSuspended: boolean, params = { userId }) =>
    boss.asks("setSuspension", { params, body: { isSuspended } });
  const suspended = await suspends(true);
  expect([suspended.status, suspended.body]).toMatchObject([200, { suspendedAt: expect.any(String) }]);
  expect((await suspends(true)).body).toEqual(suspended.body);
  if (!claim) throw new Error("the step could not be claimed");
  const workDirectory = mkdtempSync(join(tmpdir(), "t2m-suspended-"));
  const deadline = new Date(Date.now() + 60_000);
  expect(await runConvertStep(claim, { workDirectory, binaries: findBinaries(), deadline })).toBe("ended");
  rmSync(workDirectory, { recursive: true });
  expect(await lineOf(userId)).toEqual(["paused", "paused", "paused"]);

  aMinuteLater();
  const asks = ["getMe", "getQueue", "listJobs", "getJob", "signOutput", "cancelJob"] as const;
  for (const name of asks) {
    const refused = await ada.asks(name, {
      params: { jobId, name: "output.mp3" },
      claims: { sid: "signed in anew" },
    });
    const { code, detail } = problemOf(refused);
    expect([name, refused.status, code, /suspended/.test(detail)]).toEqual([
      name,
      403,
      "auth.forbidden",
      true,
    ]);
  }
  expect((await boss.asks("listJobs")).status).toBe(200);

  expect(Object((await suspends(false)).body).suspendedAt).toBeUndefined();
  // What they had paused themselves stays so.
  expect(await lineOf(userId)).toEqual(["queued", "queued", "paused"]);
  aMinuteLater();
  expect((await ada.asks("getJob", { params: { jobId } })).body).toMatchObject({ status: "completed" });
  const { items } = Object((await ada.asks("listActivity")).body);
  expect(items.slice(0, 2).map(({ action }: { action: string }) => action)).toEqual([
    "account.reinstated",
    "account.suspended",
  ]);
  expect((await suspends(true, { userId: boss.userId })).status).toBe(400);
  expect((await suspends(true, { userId: v7() })).status).toBe(404);
});

const lineOf = async (userId: string) =>
  (
    await record.sql`select status from job_queue where user_id = ${userId} and status in ('queued', 'paused')
    order by id`
  ).map(({ status }) => status);

test("[VD.4] what a suspended person shared opens nothing until they are let in again", async () => {
  const ada = newPerson();
  await ada.asks("getMe");
  const jobId = await givenPastJob(record.sql, ada.userId);
  const { fileId, key } = await givenFile(record.sql, ada.userId, { jobId });
  await putObject({ bucket: "videos", key, body: "song", contentType: "audio/mpeg" });
  const shared = await ada.asks("shareFile", { params: { fileId }, body: { expiresInSeconds: 600 } });
  const params = { token: String(Object(shared.body).token) };
  const opens = async () => (await newPerson().asks("openShare", { params })).status;
  expect(await opens()).toBe(200);
  await record.sql`update users set suspended_at = now() where id = ${ada.userId}`;
  expect(await opens()).toBe(404);
  await record.sql`update users set suspended_at = null where id = ${ada.userId}`;
  expect(await opens()).toBe(200);
});

const adminOperations = Object.entries(api).flatMap(([name, { route }]) =>
  "permission" in route ? [[name as OperationName, route.permission] as const] : [],
);
const someIds = { userId: v7(), jobId: v7() };
const bodies: Partial<Record<OperationName, object>> = {
  changeAccess: { role: "user", permissions: [] },
  setSuspension: { isSuspended: true },
};
const admin = (name: OperationName) => ({
  params: someIds,
  ...(bodies[name] && { body: bodies[name] }),
});

test.each(adminOperations)(
  "[VD.4] %s takes the permission %s, and nothing less",
  async (name, permission) => {
    const person = newPerson();
    const refused = await person.asks(name, admin(name));
    expect([refused.status, problemOf(refused).code]).toEqual([403, "auth.forbidden"]);
    const other = permission === "admin.read" ? "admin.manage" : "admin.read";
    await record.sql`insert into permissions (user_id, permission) values (${person.userId}, ${other})`;
    aMinuteLater();
    expect((await person.asks(name, admin(name))).status).toBe(403);
    await record.sql`insert into permissions (user_id, permission) values (${person.userId}, ${permission})`;
    aMinuteLater();
    expect([200, 404]).toContain((await person.asks(name, admin(name))).status);
  },
);

test("[VD.4] who may do what is said by an administrator, holds a minute later, and stands in the activity of the person", async () => {
  const [boss, person] = [newPerson(), newPerson()];
  await Promise.all([boss.asks("getMe"), person.asks("getMe")]);
  await record.sql`update users set role = 'admin' where id = ${boss.userId}`;
  aMinuteLater();
  const params = { userId: person.userId };
  const body = { role: "user", permissions: ["admin.read"] };
  expect((await boss.asks("changeAccess", { params, body })).body).toMatchObject({
    permissions: ["admin.read"],
  });
  aMinuteLater();
  expect((await person.asks("listUsers")).status).toBe(200);
  expect((await person.asks("changeAccess", { params, body })).status).toBe(403);
  expect((await person.asks("listActivity")).body).toMatchObject({
    items: [{ action: "access.changed", by: "support" }, { action: "account.created" }],
  });
});

test("[VD.4] all that is recorded of somebody is theirs to have, without secrets and without anybody else's", async () => {
  const [ada, other] = [newPerson(), newPerson()];
  await ada.asks("getMe");
  const jobId = await givenPastJob(record.sql, ada.userId, { topic: "mine.wav" });
  await givenPastJob(record.sql, other.userId, { topic: "another's.wav" });
  const { fileId } = await givenFile(record.sql, ada.userId, { jobId });
  await ada.asks("shareFile", { params: { fileId }, body: { expiresInSeconds: 600 } });
  const exported = await ada.asks("exportMyData");
  expect(exported.status).toBe(201);
  const text = await (await fetch(Object(exported.body).url)).text();
  expect(JSON.parse(text)).toMatchObject({
    profile: [{ id: ada.userId }],
    sessions: [{ userId: ada.userId }],
    jobs: [{ id: jobId, topic: "mine.wav" }],
    files: [{ id: fileId }],
    shares: [{ fileId }],
  });
  expect(text).not.toContain("another's");
  expect(text).not.toContain("secretHash");
  expect(exportKey(ada.userId, "x")).toContain(userPrefix(ada.userId));
});

test("[VD.4] an export of more than fits into memory is whole: each row once, written in parts as it is read", async () => {
  const ada = newPerson();
  await ada.asks("getMe");
  const rows = 15_000;
  await record.sql`
    insert into activity_log (id, at, user_id, action, details)
    select gen_random_uuid(), now(), ${ada.userId}, 'file.shared', jsonb_build_object('note', repeat('x', 4000))
    from generate_series(1, ${rows})`;
  // Pages end between files of the same moment.
  await record.sql`
    insert into file_metadata (id, user_id, file_type, original_filename, s3_bucket, s3_key, file_size, content_type, created_at)
    select gen_random_uuid(), ${ada.userId}, 'source', 'song.wav', 'uploads', 'users/' || ${ada.userId} || '/' || n, 1,
      'audio/wav', '2026-01-01'::timestamptz + interval '1 second' * (n / 400)
    from generate_series(1, 1200) n`;
  // All of it at once would be too much for this process.
  const child = fileURLToPath(new URL("./support/export-child.ts", import.meta.url));
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ["--max-old-space-size=64", child, ada.userId],
    { env: process.env },
  );
  const { sizeBytes, url } = JSON.parse(stdout);
  expect(sizeBytes).toBeGreaterThan(rows * 4000);
  const answer = await fetch(url);
  const parts = Number(/-(\d+)"$/.exec(answer.headers.get("etag") ?? "")?.[1]);
  expect(sizeBytes / parts).toBeLessThan(8 * 1024 ** 2);
  const { activity, files } = Object(await answer.json());
  expect(new Set(activity.map(({ id }: { id: string }) => id)).size).toBe(rows + 1);
  expect(activity).toHaveLength(rows + 1);
  expect(new Set(files.map(({ id }: { id: string }) => id)).size).toBe(1200);
}, 60_000);

test("[VD.4] a deleted account leaves nothing: no row, object, version or live item; its sessions end and it stays closed", async () => {
  const [ada, other] = [newPerson(), newPerson()];
  await Promise.all([ada.asks("getMe"), other.asks("getMe")]);
  const uploadId = await givenUpload(ada.userId);
  const jobId = await givenPastJob(record.sql, ada.userId);
  const { key } = await givenFile(record.sql, ada.userId, { jobId });
  for (const body of ["one", "two"]) {
    await putObject({ bucket: "videos", key, body, contentType: "audio/mpeg" });
  }
  await ada.asks("exportMyData");
  await givenPastJob(record.sql, other.userId);

  const asked = await ada.asks("deleteMe");
  expect([asked.status, Object(asked.body).doneBy > Object(asked.body).requestedAt]).toEqual([200, true]);
  const { handler } = await import("@t2m/functions/s3/delete-account");
  const order = `work/delete-account/users/${ada.userId}/account.json`;
  await handler({ Records: [{ s3: { object: { key: order } } }] } as never);

  for (const table of ["jobs", "file_metadata", "sessions", "usage_daily"]) {
    const rows = await record.sql`select 1 from ${record.sql(table)} where user_id = ${ada.userId}`;
    expect([table, rows.length]).toEqual([table, 0]);
  }
  expect(await record.sql`select 1 from users where id = ${ada.userId}`).toHaveLength(0);
  for (const bucket of ["videos", "temp"] as const) {
    const left = await Array.fromAsync(listVersions(bucket, userPrefix(ada.userId)));
    expect(left.flat()).toEqual([]);
  }
  expect(await getItem(uploadItemKey(ada.userId, uploadId))).toBeUndefined();
  expect(await record.sql`select 1 from jobs where user_id = ${other.userId}`).toHaveLength(1);

  aMinuteLater();
  expect((await ada.asks("getUpload", { params: { uploadId } })).status).toBe(401);
  const again = await ada.asks("getMe", { claims: { sid: "a new sign-in" } });
  expect([again.status, problemOf(again).code]).toEqual([403, "auth.forbidden"]);
  later(26 * 3_600_000);
  expect((await ada.asks("getMe", { claims: { sid: "the next day" } })).status).toBe(200);
});

test("an account that nobody asked to delete is not deleted, whatever an order says", async () => {
  const ada = newPerson();
  await ada.asks("getMe");
  const { deleteAccount } = await import("@t2m/core/people/delete");
  await expect(deleteAccount(ada.userId)).rejects.toThrow("nobody asked");
  expect((await ada.asks("getMe")).status).toBe(200);
});
