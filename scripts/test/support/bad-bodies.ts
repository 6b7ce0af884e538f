import { randomBytes } from "node:crypto";
import type { OperationName } from "@t2m/contract/api";
import type { Route } from "@t2m/contract/route";
import { good, json, nobodys, part, upload } from "./good-requests.ts";
import type { Hostile } from "./hostile.ts";

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

/** Requests with a body that no operation may take. */
export function badBodies(name: OperationName, route: Route): Hostile[] {
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
