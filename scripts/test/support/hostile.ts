import { randomBytes } from "node:crypto";
import { api, type OperationName } from "@t2m/contract/api";
import type { Route } from "@t2m/contract/route";
import type { RawRequest } from "./raw-http.ts";

// Requests that no operation may take, made of the contract's own list of operations.

const nobodys = "0199a5b2-6c1f-7e21-8a3d-2f7c9b0e4d15";

type Hostile = { what: string; request: RawRequest; status?: number };
export const operations = Object.entries(api).map(
  ([name, { route }]) => [name as OperationName, route as Route] as const,
);
const json = { "content-type": "application/json" };
const upload = { name: "a.wav", type: "audio/wav", sizeBytes: 10 };
const part = { partNumber: 1, checksumCrc32: "AAAAAA==" };
/** A good body of each operation that takes one. */
const bodies: Partial<Record<OperationName, object>> = {
  createUpload: upload,
  signParts: { parts: [part] },
  createJob: { uploadId: nobodys, conversion: { preset: "mp3" } },
  changeMe: { name: "Ada" },
  shareFile: { expiresInSeconds: 600 },
  createBatch: { jobs: [{ uploadId: nobodys, conversion: { preset: "mp3" } }] },
  changeAccess: { role: "user", permissions: [] },
  setSuspension: { isSuspended: false },
};
const goodParts: Record<string, string> = {
  uploadId: nobodys,
  jobId: nobodys,
  partNumber: "1",
  name: "a.mp3",
  fileId: nobodys,
  batchId: nobodys,
  shareId: nobodys,
  sessionId: nobodys,
  userId: nobodys,
  versionId: "3sL4kqtJlcpXroDTDmJ",
  token: "x".repeat(43),
};
export const filled = (path: string, parts: Record<string, string> = goodParts) =>
  path.replace(/\{(\w+)\}/g, (_, name: string) => parts[name] ?? "");

/** A request that this operation takes, though there is nothing for it here. */
export function good(name: OperationName, { method, path }: Route): RawRequest {
  const body = bodies[name];
  return { method, path: filled(path), ...(body ? { headers: json, body: JSON.stringify(body) } : {}) };
}

const badIds = [
  ..."x|..|.|0|-1|null|undefined|*|%00|%0d%0aset-cookie:a=b|%2e%2e%2f%2e%2e%2fetc%2fpasswd|%ff".split("|"),
  ...[
    "%e2%80%ae",
    "'%20OR%201=1--",
    "$%7Bjndi:ldap://a%7D",
    "%3Cscript%3E",
    "{}",
    "[]",
    "job%23x",
    "upload%23",
  ],
  ...[
    "00000000-0000-0000-0000-000000000000",
    nobodys.replace("-7", "-4"),
    nobodys.toUpperCase().replace("0", "G"),
  ],
  ...[`${nobodys}%20`, `%20${nobodys}`, `${nobodys}/..`, `${nobodys}%2F..`, `${nobodys};a`, "9".repeat(3000)],
];
const badPartNumbers = [
  "0",
  "-1",
  "10001",
  "99999999999999999999",
  "1e3",
  "1.5",
  "0x1",
  "%31%00",
  "one",
  "NaN",
];

function badPaths({ method, path }: Route): Hostile[] {
  const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name = ""]) => name);
  return names.flatMap((name) =>
    (name === "partNumber" ? badPartNumbers : badIds).map((bad) => ({
      what: `${name} ${bad}`,
      request: { method, path: filled(path, { ...goodParts, [name]: bad }) },
    })),
  );
}

const badPages = ["limit=0", "limit=1e9", "limit=1&limit=2", "cursor=x", "cursor=%00", "cursor=1%20or%201=1"];
const badFilters = [
  "search=",
  `search=${"a".repeat(101)}`,
  "search=%00",
  "from=yesterday",
  "to=1",
  "from='--",
];

const queries: Partial<Record<OperationName, readonly string[]>> = {
  listUploads: [
    "limit=0",
    "limit=-1",
    "limit=101",
    "limit=1e2",
    "limit=",
    "limit=ten",
    "limit=99999999999",
    "cursor=x",
    "cursor=..%2F..",
    "cursor=%00",
    `cursor=${"a".repeat(201)}`,
    `cursor=${Buffer.from("job#x").toString("base64url")}`,
    "limit=1&limit=2",
  ],
  listJobs: [
    "limit=0",
    "limit=1000",
    "limit=NaN",
    "cursor=%7B%7D",
    `cursor=upload%23${nobodys}`,
    `cursor=${"%F0%9F%92%A9".repeat(10)}`,
  ],
  listHistory: [
    ...badPages,
    ...badFilters,
    "status=done",
    "status=failed&status=queued",
    "preset='%20or%20'1'='1",
    "batchId=*",
  ],
  listFiles: [...badPages, ...badFilters, "kind=main'--", "jobId=1"],
  listBatches: badPages,
  listSessions: badPages,
  listActivity: badPages,
  signFile: ["for=steal", "versionId=", "versionId=..%2F..", "versionId=a%20b"],
  signOutput: ["for=steal", "for=", "for=play&for=download"],
  checkHealth: ["check=", "check=everything", "check[]=deep&check=1"],
};

const deep = (depth: number) => "[".repeat(depth) + "]".repeat(depth);
/** Bodies that are none, whatever the operation. */
const noBodies: readonly [what: string, body: string | Buffer, headers?: Record<string, string>][] = [
  ["nothing", ""],
  ["half a JSON", '{"name":'],
  ["JSON with a comment", "{} // {}"],
  ["null", "null"],
  ["a list", "[]"],
  ["a text", '"text"'],
  ["a number too large", "1e999"],
  ["no UTF-8", Buffer.from([0x7b, 0xff, 0xfe, 0x7d])],
  ["zeros", Buffer.alloc(1000)],
  ["noise", randomBytes(1000)],
  ["a deep list", deep(60_000)],
  ["a deep object", `${'{"a":'.repeat(30_000)}1${"}".repeat(30_000)}`],
  ["a prototype", '{"__proto__":{"name":"a"},"constructor":{"prototype":{}}}'],
  ["a form", "name=a&type=b", { "content-type": "application/x-www-form-urlencoded" }],
  [
    "XML with an entity",
    '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>',
    { "content-type": "application/xml" },
  ],
  ["JSON as text", "{}", { "content-type": "text/plain" }],
  ["more than is read", `"${"x".repeat(300_000)}"`],
];

const conversions = (...list: unknown[]) => ({ ...upload, conversions: list });
/** Good bodies with something wrong in them. */
const wrongBodies: Partial<Record<OperationName, readonly object[]>> = {
  createUpload: [
    ...[
      "",
      ".",
      "..",
      "../a.wav",
      "a/b.wav",
      "..\\a.wav",
      "a\u0000.wav",
      "a\r\nset-cookie: a",
      "x".repeat(256),
      7,
      null,
      {},
    ].map((name) => ({ ...upload, name })),
    ...[0, -1, 1.5, 1e300, Number.MAX_SAFE_INTEGER, "10", null, [10]].map((sizeBytes) => ({
      ...upload,
      sizeBytes,
    })),
    ...[
      "text/html",
      "application/zip",
      "image/png",
      "application/vnd.apple.mpegurl",
      "audio/x-mpegurl",
      "x".repeat(300),
      7,
      null,
    ].map((type) => ({ ...upload, type })),
    ...[{ ...upload, userId: nobodys }, { ...upload, status: "completed" }, { name: "a.wav" }],
    ...["letter.txt", "list.m3u8", "a.zip"].map((name) => ({ ...upload, name, type: "" })),
    ...[{}, { preset: "exe" }, { preset: "__proto__" }, { preset: ["mp3"] }, "mp3", null].map((one) =>
      conversions(one),
    ),
    ...[
      { bitrateKbps: 1e9 },
      { bitrateKbps: "128" },
      { unknown: 1 },
      { channels: -1 },
      { trimStartSeconds: -5 },
      { trimStartSeconds: 9, trimEndSeconds: 3 },
      { sampleRateHz: 1 },
      [],
      "x",
    ].map((options) => conversions({ preset: "mp3", options })),
    ...[{ widthPixels: 1e9 }, { widthPixels: 0 }, { fps: 1e6 }, { quality: "; rm -rf /" }].map((options) =>
      conversions({ preset: "mp4", options }),
    ),
    { ...upload, conversions: Array(21).fill({ preset: "mp3" }) },
    { ...upload, conversions: { 0: { preset: "mp3" } } },
  ],
  signParts: [
    ...[[], Array(101).fill(part), "1", null, {}, [null], [1]].map((parts) => ({ parts })),
    ...[0, -1, 10_001, 1.5, "1", 1e300, null].map((partNumber) => ({ parts: [{ ...part, partNumber }] })),
    ...["", "x", "AAAAAA", "AAAAAB==", "A".repeat(10_000), 7, null].map((checksumCrc32) => ({
      parts: [{ ...part, checksumCrc32 }],
    })),
    { parts: [{ ...part, url: "http://127.0.0.1" }] },
    { parts: [part], more: true },
  ],
  createJob: [
    ...["x", "..", 7, null, `${nobodys}/../x`, "job#x"].map((uploadId) => ({
      uploadId,
      conversion: { preset: "mp3" },
    })),
    ...[
      {},
      null,
      "mp3",
      { preset: "none" },
      { preset: "mp3", options: { bitrateKbps: 1 } },
      { preset: "mp3", more: 1 },
    ].map((conversion) => ({ uploadId: nobodys, conversion })),
    { uploadId: nobodys, conversion: { preset: "mp3" }, status: "completed" },
  ],
  changeMe: ["", " \u0000", "x".repeat(101), 7, null].map((name) => ({ name })),
  shareFile: [0, 59, 1e9, 1.5, "600", null].map((expiresInSeconds) => ({ expiresInSeconds })),
  createBatch: [
    { jobs: [] },
    { jobs: Array(1001).fill({ uploadId: nobodys, conversion: { preset: "mp3" } }) },
    ...[{}, null, { uploadId: "x", conversion: { preset: "mp3" } }, { uploadId: nobodys }].map((job) => ({
      jobs: [job],
    })),
    { jobs: [{ uploadId: nobodys, conversion: { preset: "mp3" } }], priority: "highest" },
    { jobs: [{ uploadId: nobodys, conversion: { preset: "mp3" } }], userId: nobodys },
  ],
  setSuspension: [{ isSuspended: "yes" }, {}],
  changeAccess: [{ role: "root", permissions: [] }, { role: "admin" }, { role: "user", permissions: ["*"] }],
};
const badKeys = ["", " ", "a b", "ä", "x".repeat(256), "a\tb"];

function badBodies(name: OperationName, route: Route): Hostile[] {
  if (!route.body) return [];
  const request = good(name, route);
  return [
    ...noBodies.map(([what, body, headers]) => ({
      what,
      request: { ...request, body, headers: headers ?? json },
    })),
    ...(wrongBodies[name] ?? []).map((body) => {
      const text = JSON.stringify(body);
      return { what: text.slice(0, 100), request: { ...request, body: text } };
    }),
    ...(route.idempotent ? badKeys : []).map((key) => ({
      what: `Idempotency-Key ${key}`,
      request: { ...request, headers: { ...json, "idempotency-key": Buffer.from(key).toString("latin1") } },
    })),
  ];
}

/** `status` where only one will do. */
export function hostile(name: OperationName, route: Route): Hostile[] {
  const request = good(name, route);
  return [
    ...badPaths(route),
    ...(queries[name] ?? []).map((query) => ({
      what: `?${query}`,
      request: { ...request, path: `${request.path}?${query}` },
    })),
    ...badBodies(name, route),
    ...["PATCH", "PROPFIND"].map((method) => ({
      what: method,
      request: { ...request, method },
      status: 404,
    })),
    {
      what: "headers without end",
      request: { ...request, headers: { ...request.headers, "x-much": "y".repeat(11_000) } },
    },
    {
      what: "a body of 11 MB",
      request: { ...request, method: request.method, headers: json, body: Buffer.alloc(11_000_000, 32) },
      status: 413,
    },
  ];
}
