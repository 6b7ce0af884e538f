import { putObject, readObject } from "@t2m/core/storage/objects";
import { deleteAllVersions } from "@t2m/core/storage/versions";
import { expect, test, vi } from "vitest";
import { givenFile, givenPastJob, newPerson, type Person, useRecord } from "./support/record.ts";

/** What happens at the very moment when a version was looked at and is to be copied. */
const meanwhile = vi.hoisted(() => ({ happens: async () => {} }));
vi.mock("@t2m/core/storage/copy", async (original) => {
  const { copyVersion, ...others } = await original<typeof import("@t2m/core/storage/copy")>();
  return {
    ...others,
    copyVersion: async (...version: Parameters<typeof copyVersion>) => {
      await meanwhile.happens();
      await copyVersion(...version);
    },
  };
});

const record = useRecord();

/** A file of somebody's whose object was written so often. */
async function stored(person: Person, bodies: readonly string[]) {
  await person.asks("getMe");
  const jobId = await givenPastJob(record.sql, person.userId);
  const { fileId, key } = await givenFile(record.sql, person.userId, { jobId, name: "Grüße.mp3" });
  for (const body of bodies) {
    const metadata = { job: jobId };
    await putObject({ bucket: "videos", key, body, contentType: "audio/mpeg", metadata });
  }
  return { fileId, ref: { bucket: "videos", key } as const };
}

type Version = { versionId: string; isLatest: boolean; sizeBytes: number };
const versionsOf = async (person: Person, fileId: string): Promise<Version[]> =>
  Object((await person.asks("listFileVersions", { params: { fileId } })).body).items;

async function fetched(person: Person, fileId: string, query: Record<string, string> = {}) {
  const answer = await person.asks("signFile", { params: { fileId }, query });
  if (answer.status !== 200) return answer.status;
  const response = await fetch(Object(answer.body).url);
  expect(response.headers.get("content-disposition")).toContain("Gr%C3%BC%C3%9Fe.mp3");
  return await response.text();
}

test("[V1.1] [V4.1] each version of a stored file is listed and downloaded; an earlier one is restored, and none is lost", async () => {
  const ada = newPerson();
  const { fileId, ref } = await stored(ada, ["first", "second!", "third"]);
  const versions = await versionsOf(ada, fileId);
  expect(versions.map(({ isLatest, sizeBytes }) => [isLatest, sizeBytes])).toEqual([
    [true, 5],
    [false, 7],
    [false, 5],
  ]);
  const [, second, first] = versions.map(({ versionId }) => versionId);
  expect(await fetched(ada, fileId)).toBe("third");
  expect(await fetched(ada, fileId, { versionId: second ?? "" })).toBe("second!");
  expect(await fetched(ada, fileId, { versionId: first ?? "", for: "download" })).toBe("first");

  const params = { fileId, versionId: second ?? "" };
  const restored = await ada.asks("restoreFileVersion", { params });
  expect(restored.status).toBe(200);
  expect(Object(restored.body).items).toHaveLength(4);
  expect((await readObject(ref)).toString()).toBe("second!");
  expect(await fetched(ada, fileId, { versionId: first ?? "" })).toBe("first");
  // What is the newest already is left alone.
  const newest = (await versionsOf(ada, fileId))[0]?.versionId ?? "";
  await ada.asks("restoreFileVersion", { params: { fileId, versionId: newest } });
  expect(await versionsOf(ada, fileId)).toHaveLength(4);
  expect(await fetched(ada, fileId, { versionId: "nothing" })).toBe(404);
  const absent = await ada.asks("restoreFileVersion", { params: { fileId, versionId: "nothing" } });
  expect(absent.status).toBe(404);
});

test("a version that is gone at the moment of its restoration is not found", async () => {
  const ada = newPerson();
  const { fileId, ref } = await stored(ada, ["first", "second"]);
  const versionId = (await versionsOf(ada, fileId)).at(-1)?.versionId ?? "";
  const expire = vi.spyOn(meanwhile, "happens").mockImplementation(async () => {
    await deleteAllVersions(ref.bucket, ref.key);
  });
  expect((await ada.asks("restoreFileVersion", { params: { fileId, versionId } })).status).toBe(404);
  expect(expire).toHaveBeenCalledOnce();
  expire.mockRestore();
});

test("a version of another file, of the same owner too, is not this file's", async () => {
  const ada = newPerson();
  const [one, other] = [await stored(ada, ["one"]), await stored(ada, ["other"])];
  const [foreign] = await versionsOf(ada, other.fileId);
  expect(await fetched(ada, one.fileId, { versionId: foreign?.versionId ?? "" })).toBe(404);
});

test("a link opens one file for anybody until it expires or is ended; its secret is kept nowhere", async () => {
  const ada = newPerson();
  const { fileId } = await stored(ada, ["shared"]);
  const body = { expiresInSeconds: 600 };
  const made = await ada.asks("shareFile", { params: { fileId }, body });
  expect(made.status).toBe(201);
  const { token, share } = Object(made.body);
  const [row] = await record.sql`select * from share_links where id = ${share.id}`;
  expect(JSON.stringify(row)).not.toContain(token);

  const anybody = newPerson();
  const opened = await anybody.asks("openShare", { params: { token } });
  expect(opened.body).toMatchObject({ name: "Grüße.mp3", sizeBytes: 10 });
  expect(await (await fetch(Object(opened.body).url)).text()).toBe("shared");
  const { items } = Object((await ada.asks("listShares", { params: { fileId } })).body);
  expect(items).toMatchObject([{ id: share.id, openedCount: 1 }]);

  await record.sql`update share_links set created_at = now() - interval '2 h', expires_at = now() - interval '1 h'
    where id = ${share.id}`;
  expect((await anybody.asks("openShare", { params: { token } })).status).toBe(404);
  await record.sql`update share_links set expires_at = now() + interval '1 h' where id = ${share.id}`;
  expect((await anybody.asks("openShare", { params: { token } })).status).toBe(200);
  const params = { fileId, shareId: share.id };
  expect((await ada.asks("revokeShare", { params })).status).toBe(204);
  expect((await anybody.asks("openShare", { params: { token } })).status).toBe(404);
  const other = await stored(ada, ["other"]);
  const misplaced = { fileId: other.fileId, shareId: share.id };
  expect((await ada.asks("revokeShare", { params: misplaced })).status).toBe(404);
});

test.each([{}, { expiresInSeconds: 59 }, { expiresInSeconds: 31 * 86_400 }, { expiresInSeconds: "600" }])(
  "[A8.6] a link by %j is refused",
  async (body) => {
    const ada = newPerson();
    const { fileId } = await stored(ada, []);
    expect((await ada.asks("shareFile", { params: { fileId }, body })).status).toBe(400);
  },
);
