import { rm } from "node:fs/promises";
import { join } from "node:path";
import { fileSource } from "@t2m/client/node/file";
import { upload } from "@t2m/client/upload/upload";
import { api, type OperationName } from "@t2m/contract/api";
import type { Route } from "@t2m/contract/route";
import { functions, http } from "@t2m/functions/manifest";
import { sharedStack } from "@t2m/local/testing";
import { beforeAll, expect, test } from "vitest";
import { makeMedia, newFolder, noise } from "../support/media.ts";
import { arrive, type Person } from "../support/person.ts";
import { ask, flawOf } from "../support/raw-http.ts";
import { itemsOf, objectsOf } from "../support/stored.ts";

const stack = sharedStack();
let owner: Person;
let stranger: Person;
/** Of the owner: an upload that is open, and one that is completed, with its converted job. */
let owned: { open: string; completed: string; job: string; output: string };

beforeAll(async () => {
  Object.assign(process.env, stack.environment);
  [owner, stranger] = await Promise.all([arrive(stack), arrive(stack)]);
  const folder = await newFolder();
  const source = await fileSource(await makeMedia(join(folder, "mine.wav"), ...noise(1)));
  const body = { name: "mine.wav", type: "audio/wav", sizeBytes: 20_000_000 };
  const { upload: open } = await owner.client.createUpload({ body });
  const completed = await upload(owner.client, source, { conversions: [{ preset: "mp3" }] }).finished;
  const job = await owner.ended(completed.jobIds[0] ?? "");
  await rm(folder, { recursive: true });
  owned = { open: open.id, completed: completed.id, job: job.id, output: job.outputs[0]?.name ?? "" };
});

const bodies: Partial<Record<OperationName, (uploadId: string) => object>> = {
  signParts: () => ({ parts: [{ partNumber: 1, checksumCrc32: "AAAAAA==" }] }),
  createJob: (uploadId) => ({ uploadId, conversion: { preset: "mp3" } }),
};

/** What the record answers has a matrix of its own, beside its handlers. */
const ofLivePlane = Object.entries(api).filter(
  ([name]) => !("database" in functions[http[name as OperationName]]),
);

/** Every operation that names something of somebody's, with each upload of the owner's it could name. */
const cases = ofLivePlane.flatMap(([name, { route }]): [OperationName, Route, "open" | "completed"][] => {
  const operation = name as OperationName;
  if (operation === "createJob" || route.path.includes("{uploadId}")) {
    return [
      [operation, route, "open"],
      [operation, route, "completed"],
    ];
  }
  return route.path.includes("{jobId}") ? [[operation, route, "completed"]] : [];
});

/** All that the owner can see and all that is kept for them. */
async function belongings() {
  const { client, userId } = owner;
  const [uploads, jobs, objects, items] = await Promise.all([
    client.listUploads(),
    client.listJobs(),
    objectsOf(userId),
    itemsOf(stack.dynamodb, userId),
  ]);
  return { uploads, jobs, objects, items };
}

async function asked(who: Person, name: OperationName, { method, path }: Route, which: "open" | "completed") {
  const values: Record<string, string> = {
    uploadId: owned[which],
    jobId: owned.job,
    name: owned.output,
    partNumber: "1",
  };
  const body = bodies[name]?.(owned[which]);
  return await ask(stack.apiUrl, {
    method,
    path: path.replace(/\{(\w+)\}/g, (_, key: string) => values[key] ?? ""),
    headers: { authorization: `Bearer ${who.token}`, ...(body && { "content-type": "application/json" }) },
    ...(body && { body: JSON.stringify(body) }),
  });
}

test("the operations that name something of somebody's are all tried", () => {
  const tried = new Set(cases.map(([name]) => name));
  const rest = ofLivePlane.map(([name]) => name).filter((name) => !tried.has(name as OperationName));
  expect(rest).toEqual(["createUpload", "listUploads", "listJobs", "listPresets", "checkHealth"]);
});

test.each(cases)(
  "[C1.5] [C3.5] %s of another's things is 404, as for what is not there, and changes nothing",
  async (name, route, which) => {
    const before = await belongings();
    const answer = await asked(stranger, name, route, which);
    expect([answer.status, flawOf(answer)]).toEqual([404, undefined]);
    expect(answer.text).not.toContain("mine");
    expect(await belongings()).toEqual(before);
  },
);

test("[C1.5] lists show nobody else's things, also by another's cursor", async () => {
  for (const cursor of [undefined, owned.job, owned.open, owned.completed]) {
    const query = cursor ? { cursor } : {};
    expect(await stranger.client.listJobs({ query })).toEqual({ items: [] });
    expect(await stranger.client.listUploads({ query })).toEqual({ items: [] });
  }
  expect(await itemsOf(stack.dynamodb, stranger.userId)).toEqual([]);
});

test("[C3.5] a URL opens one object of one owner: changed in key, part, time or length it opens nothing", async () => {
  const params = { jobId: owned.job, name: owned.output };
  const { url: download } = await owner.client.signOutput({ params });
  const parts = [{ partNumber: 1, checksumCrc32: "AAAAAA==" }];
  const signed = await owner.client.signParts({ params: { uploadId: owned.open }, body: { parts } });
  const part = signed.parts[0]?.url ?? "";
  const changed = (url: string, change: (url: URL) => void) => {
    const copy = new URL(url);
    change(copy);
    return copy.href;
  };
  const forged = [
    changed(download, (url) => {
      url.pathname = url.pathname.replace(owner.userId, stranger.userId);
    }),
    changed(download, (url) => {
      url.pathname = url.pathname.replace(owned.output, "other.mp3");
    }),
    changed(download, (url) => url.searchParams.set("X-Amz-Expires", "604800")),
    changed(download, (url) => url.searchParams.delete("X-Amz-Signature")),
    changed(download, (url) => url.searchParams.set("response-content-type", "text/html")),
    changed(part, (url) => url.searchParams.set("partNumber", "2")),
  ];
  for (const url of forged) {
    const isPart = url.startsWith(part.split("?")[0] ?? "");
    const answer = await fetch(
      url,
      isPart ? { method: "PUT", body: "x".repeat(8), headers: signed.parts[0]?.headers ?? {} } : {},
    );
    expect([answer.status, url]).toEqual([403, url]);
    await answer.body?.cancel();
  }
  // For reading only, and for this length only.
  expect((await fetch(download, { method: "DELETE" })).status).toBe(403);
  const short = await fetch(part, { method: "PUT", body: "short", headers: signed.parts[0]?.headers ?? {} });
  expect(short.status).toBe(403);
  expect((await fetch(download)).status).toBe(200);
});
