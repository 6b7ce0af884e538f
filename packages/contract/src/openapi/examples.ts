import type { OperationName } from "../api.ts";
import { createdAt, expiresAt, jobId, uploadId } from "./example-ids.ts";
import { recordExamples } from "./record-examples.ts";

const upload = {
  id: uploadId,
  name: "song.wav",
  type: "audio/wav",
  sizeBytes: 20_000_000,
  status: "open",
  partBytes: 8_388_608,
  partCount: 3,
  partsCompleted: 1,
  bytesCompleted: 8_388_608,
  percent: 41.94,
  jobIds: [jobId],
  createdAt,
  expiresAt,
};

const completedUpload = {
  ...upload,
  status: "completed",
  partsCompleted: 3,
  bytesCompleted: 20_000_000,
  percent: 100,
  completedAt: "2026-03-02T09:30:12.000Z",
};

const conversion = { preset: "mp3", options: { bitrateKbps: 192 } };

const job = {
  id: jobId,
  uploadId,
  sourceName: "song.wav",
  conversion,
  status: "running",
  percent: 62.5,
  version: 3,
  cancelRequested: false,
  outputs: [],
  createdAt,
  startedAt: "2026-03-02T09:30:13.000Z",
  expiresAt,
};

const output = {
  name: "main.mp3",
  fileName: "song.mp3",
  role: "main",
  contentType: "audio/mpeg",
  sizeBytes: 2_721_331,
  checksumCrc32: "yZRlqg==",
  durationSeconds: 113.38,
  audioCodec: "mp3",
};

const events = `id: 3
event: step.started
data: {"sequence":3,"type":"step.started","at":"2026-03-02T09:30:13.000Z","status":"running","step":"convert","attempt":1}

event: progress
data: {"percent":62.5,"status":"running"}

id: 4
event: job.completed
data: {"sequence":4,"type":"job.completed","at":"2026-03-02T09:30:21.000Z","status":"completed"}

`;

type Examples = { request?: unknown; response?: unknown };

/** One request and one reply of each operation; a test holds them to the contract's shapes. */
export const examples: Partial<Record<OperationName, Examples>> = {
  createUpload: {
    request: { name: "song.wav", type: "audio/wav", sizeBytes: 20_000_000, conversions: [{ preset: "mp3" }] },
    response: {
      upload: { ...upload, partsCompleted: 0, bytesCompleted: 0, percent: 0 },
      jobs: [{ ...job, status: "waiting", percent: 0, version: 1, startedAt: undefined }],
    },
  },
  listUploads: { response: { items: [upload] } },
  getUpload: { response: upload },
  signParts: {
    request: { parts: [{ partNumber: 2, checksumCrc32: "yZRlqg==" }] },
    response: {
      parts: [
        {
          partNumber: 2,
          url: "https://dev-t2m-uploads.s3.eu-central-1.amazonaws.com/users/…?partNumber=2&X-Amz-Signature=…",
          headers: { "x-amz-checksum-crc32": "yZRlqg==" },
        },
      ],
      expiresAt: "2026-03-02T09:45:00.000Z",
    },
  },
  listParts: {
    response: {
      parts: [{ partNumber: 1, sizeBytes: 8_388_608, etag: '"5eb6…"', checksumCrc32: "yZRlqg==" }],
      missing: [2, 3],
    },
  },
  recordPart: { response: upload },
  completeUpload: { response: completedUpload },
  createJob: {
    request: { uploadId, conversion: { preset: "mp3", options: { bitrateKbps: 320 } } },
    response: job,
  },
  listJobs: { response: { items: [job] } },
  getJob: { response: job },
  streamJob: { response: events },
  cancelJob: { response: { ...job, cancelRequested: true } },
  signOutput: {
    response: {
      url: "https://dev-t2m-videos.s3.eu-central-1.amazonaws.com/users/…?X-Amz-Signature=…",
      expiresAt: "2026-03-02T09:45:00.000Z",
      output,
    },
  },
  checkHealth: { response: { status: "ok", stage: "dev", services: [{ name: "live table", status: "ok" }] } },
  ...recordExamples,
};
