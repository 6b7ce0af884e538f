import { startServices } from "@t2m/local/testing";
import { v7 } from "uuid";
import { beforeAll, expect, test, vi } from "vitest";
import { ask, problemOf } from "./support/request.ts";

// Handlers read the environment when they are loaded.
const load = async () => ({
  createUpload: (await import("@t2m/functions/http/create-upload")).handler,
  getUpload: (await import("@t2m/functions/http/get-upload")).handler,
  listUploads: (await import("@t2m/functions/http/list-uploads")).handler,
  signParts: (await import("@t2m/functions/http/sign-parts")).handler,
  recordPart: (await import("@t2m/functions/http/record-part")).handler,
  listPresets: (await import("@t2m/functions/http/list-presets")).handler,
  handle: (await import("@t2m/functions/adapter/http")).handle,
});
let http: Awaited<ReturnType<typeof load>>;
beforeAll(async () => {
  await startServices({ T2M_MAXIMUM_UPLOAD_BYTES: "1000" });
  http = await load();
});

const file = { name: "song.wav", type: "audio/wav", sizeBytes: 10 };
const subject = "anna";

test("[A8.6] every problem of a request is told at once, each with its place and a sentence", async () => {
  const body = {
    name: "../x",
    type: 7,
    sizeBytes: 0,
    conversions: [{ preset: "mp3", options: { bitrateKbps: "x" } }, { preset: "no" }],
    more: 1,
  };
  const response = await ask(http.createUpload, {
    subject,
    body,
    headers: { "idempotency-key": "with space" },
  });
  expect(response.status).toBe(400);
  const { code, problems = [] } = problemOf(response);
  expect(code).toBe("request.invalid");
  const told = Object.fromEntries(problems.map(({ path, message }) => [path, message]));
  expect(told).toMatchObject({
    name: "may not hold slashes, backslashes or control characters",
    type: "must be a text",
    sizeBytes: "the file is empty: there is nothing to convert",
    "conversions.1.preset": "is none of those there are",
    body: 'has no place for "more"',
    "idempotency-key": "must be 1 to 255 visible ASCII characters",
  });
  expect(problems.some(({ path }) => path.startsWith("conversions.0.options"))).toBe(true);
  expect(
    problems.every(({ message }) => /^[a-z].* /.test(message) && !message.includes("Invalid input")),
  ).toBe(true);
});

test.each([
  ["no JSON", { body: "{" }, 400, "request.invalid"],
  ["no body", {}, 400, "request.invalid"],
  ["JSON of another type", { body: '"text"' }, 400, "request.invalid"],
  [
    "another content type",
    { body: "a=b", headers: { "content-type": "application/x-www-form-urlencoded" } },
    400,
    "request.invalid",
  ],
  ["an oversize body", { body: `"${"x".repeat(256 * 1024)}"` }, 413, "request.too_large"],
  ["an empty file", { body: { ...file, sizeBytes: 0 } }, 400, "request.invalid"],
  ["a file larger than the stage takes", { body: { ...file, sizeBytes: 1001 } }, 413, "upload.too_large"],
  ["a file that S3 cannot hold", { body: { ...file, sizeBytes: 1e18 } }, 400, "request.invalid"],
  ["a type that is no media", { body: { ...file, type: "text/html" } }, 415, "upload.type_unsupported"],
  ["a name that climbs", { body: { ...file, name: ".." } }, 400, "request.invalid"],
  ["a name with a control character", { body: { ...file, name: "a\u0000b" } }, 400, "request.invalid"],
  [
    "too many conversions",
    { body: { ...file, conversions: Array(21).fill({ preset: "mp3" }) } },
    400,
    "request.invalid",
  ],
])("[A8.6] creating an upload with %s is refused with a reason", async (_, request, status, code) => {
  const response = await ask(http.createUpload, { subject, ...request });
  const problem = problemOf(response);
  expect([response.status, problem.status, problem.code]).toEqual([status, status, code]);
  expect(problem.detail).toMatch(/\S/);
  expect(response.headers["cache-control"]).toBe("no-store");
});

test.each(["x", "", "../../etc", "018f", v7().replace("-7", "-4"), "018f0000-0000-7000-8000-00000000000g"])(
  "[A8.6] a malformed id %j is simply not there",
  async (uploadId) => {
    expect((await ask(http.getUpload, { subject, params: { uploadId } })).status).toBe(404);
  },
);

test.each(["0", "10001", "-1", "1e2", "x", "00001x"])(
  "[A8.6] part number %j is not there",
  async (partNumber) => {
    const response = await ask(http.recordPart, { subject, params: { uploadId: v7(), partNumber } });
    expect(response.status).toBe(404);
  },
);

test.each([{ limit: "0" }, { limit: "101" }, { limit: "ten" }, { cursor: "elsewhere" }])(
  "[A8.6] a page of %j is refused",
  async (query) => {
    const response = await ask(http.listUploads, { subject, query });
    expect([response.status, problemOf(response).problems?.[0]?.path]).toEqual([
      400,
      `query.${Object.keys(query)[0]}`,
    ]);
  },
);

test("[A8.6] signing wants between 1 and 100 parts with proper checksums", async () => {
  const params = { uploadId: v7() };
  const part = { partNumber: 1, checksumCrc32: "AAAAAA==" };
  for (const parts of [
    [],
    Array(101).fill(part),
    [{ ...part, checksumCrc32: "x" }],
    [{ ...part, partNumber: 0 }],
  ]) {
    expect((await ask(http.signParts, { subject, params, body: { parts } })).status).toBe(400);
  }
  expect((await ask(http.signParts, { subject, params, body: { parts: [part] } })).status).toBe(404);
});

test("nobody gets in without a token, and is told how", async () => {
  const response = await ask(http.getUpload, { params: { uploadId: v7() } });
  expect([response.status, response.headers["www-authenticate"]]).toEqual([401, "Bearer"]);
  expect(problemOf(response).code).toBe("auth.required");
  expect((await ask(http.listPresets)).status).toBe(200);
});

test("an unexpected error is logged with its stack and answered without a word of it", async () => {
  const logged = vi.spyOn(process.stdout, "write").mockImplementation(() => true);
  const { getUpload } = await import("@t2m/contract/routes/get-upload");
  const broken = http.handle(getUpload, async () => {
    throw new Error("secret detail");
  });
  const response = await ask(broken, { subject, params: { uploadId: v7() } });
  expect(response.status).toBe(500);
  expect(response.text).not.toContain("secret");
  const { requestId } = problemOf(response);
  const line = JSON.parse(String(logged.mock.calls[0]?.[0]));
  expect(line).toMatchObject({ level: "ERROR", requestId, error: { message: "secret detail" } });
  expect(line.error.stack).toContain("bad-input.test.ts");
  logged.mockRestore();
});
