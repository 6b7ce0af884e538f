import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Gateway, startGateway } from "@t2m/local/gateway/server";
import { afterAll, beforeAll, expect, test } from "vitest";
import { rawRequest } from "./support.ts";

let gateway: Gateway;
const root = mkdtempSync(join(tmpdir(), "t2m-static-"));
const script = "console.log(1);\n".repeat(200);

beforeAll(async () => {
  mkdirSync(join(root, "page/assets"), { recursive: true });
  mkdirSync(join(root, "page/help"));
  writeFileSync(join(root, "secret.txt"), "secret");
  writeFileSync(join(root, "page/index.html"), "<!doctype html><title>t2m</title>");
  writeFileSync(join(root, "page/help/index.html"), "help");
  writeFileSync(join(root, "page/.env"), "secret");
  writeFileSync(join(root, "page/assets/app-1a2b.js"), script);
  gateway = await startGateway({
    port: 0,
    apiPrefix: "/api",
    routes: [],
    issuer: {
      url: "http://127.0.0.1/issuer",
      audience: "none",
      keys: () => Promise.reject(new Error("none")),
    },
    allowedOrigins: [],
    staticDirectory: join(root, "page"),
    connectOrigins: ["http://127.0.0.1:9000"],
    mounts: [{ prefix: "/docs", handle: (_, response) => void response.end("docs") }],
  });
});
afterAll(async () => {
  await gateway.stop();
  rmSync(root, { recursive: true });
});

function get(path: string, headers: Record<string, string> = {}) {
  return rawRequest(gateway.port, path, { headers });
}

test("the page comes with strict headers, and may talk to itself and S3 only", async () => {
  const { status, headers } = await get("/");
  expect(status).toBe(200);
  expect(headers).toMatchObject({
    "content-type": "text/html; charset=utf-8",
    "cache-control": "no-cache",
    "content-security-policy": expect.stringContaining("connect-src 'self' http://127.0.0.1:9000;"),
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
  });
  expect(headers["content-security-policy"]).not.toContain("unsafe");
});

test("assets are typed, kept for good and compressed for those who can", async () => {
  const plain = await get("/assets/app-1a2b.js");
  expect(plain).toMatchObject({ status: 200, text: script });
  expect(plain.headers).toMatchObject({
    "content-type": "text/javascript; charset=utf-8",
    "cache-control": "public, max-age=31536000, immutable",
    "content-length": String(script.length),
  });
  const zipped = await fetch(`${gateway.url}/assets/app-1a2b.js`, { headers: { "accept-encoding": "gzip" } });
  expect(zipped.headers.get("content-encoding")).toBe("gzip");
  expect(await zipped.text()).toBe(script);
});

test("what has not changed is not sent again", async () => {
  const { headers } = await get("/");
  expect(await get("/", { "if-none-match": String(headers.etag) })).toMatchObject({ status: 304, text: "" });
  writeFileSync(join(root, "page/index.html"), "<!doctype html><title>changed</title>");
  expect(await get("/", { "if-none-match": String(headers.etag) })).toMatchObject({ status: 200 });
});

test("addresses of the app are its page; files that are not there are 404", async () => {
  expect(await get("/jobs/1", { accept: "text/html" })).toMatchObject({ status: 200 });
  expect((await get("/help")).text).toBe("help");
  for (const path of ["/jobs/1", "/missing.js", "/assets/missing-1.js"]) {
    expect([path, await get(path)]).toMatchObject([path, { status: 404 }]);
  }
  expect(await get("/missing.js", { accept: "text/html" })).toMatchObject({ status: 404 });
});

test("nothing outside the directory and nothing hidden is served, however it is spelled", async () => {
  for (const path of [
    "/../secret.txt",
    "/%2e%2e/secret.txt",
    "/..%2fsecret.txt",
    "/assets/../../secret.txt",
    "/assets/..%5c..%5csecret.txt",
    "//etc/passwd",
    "/.env",
    "/%2eenv",
    "/index.html%00.js",
    "/%ff",
  ]) {
    const { status, text } = await get(path, { accept: "*/*" });
    expect([path, status]).toEqual([path, 404]);
    expect(text).not.toContain("secret");
  }
});

test("only reading is allowed, and mounts stand beside the page", async () => {
  expect(await rawRequest(gateway.port, "/", { method: "POST" })).toMatchObject({ status: 405 });
  expect(await rawRequest(gateway.port, "/", { method: "HEAD" })).toMatchObject({ status: 200, text: "" });
  expect(await get("/docs")).toMatchObject({ text: "docs" });
  expect(await get("/docs/x?y")).toMatchObject({ text: "docs" });
  expect(await get("/docsearch")).toMatchObject({ status: 404 });
  expect(await get("http://127.0.0.1/")).toMatchObject({ status: 400 });
});
