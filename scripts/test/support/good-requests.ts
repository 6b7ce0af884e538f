import { api, type OperationName } from "@t2m/contract/api";
import type { Route } from "@t2m/contract/route";
import type { RawRequest } from "./raw-http.ts";

// Requests that each operation takes, made of the contract's own list.

export const nobodys = "0199a5b2-6c1f-7e21-8a3d-2f7c9b0e4d15";

export const operations = Object.entries(api).map(
  ([name, { route }]) => [name as OperationName, route as Route] as const,
);
export const json = { "content-type": "application/json" };
export const upload = { name: "a.wav", type: "audio/wav", sizeBytes: 10 };
export const part = { partNumber: 1, checksumCrc32: "AAAAAA==" };
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
export const goodParts: Record<string, string> = {
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
