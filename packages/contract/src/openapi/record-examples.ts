import { createdAt, expiresAt, jobId, uploadId } from "./example-ids.ts";

const batchId = "0199a5b2-7c20-7b11-9c0d-6f1e2d3c4b5a";
const fileId = "6f1d3a5e-2b7c-5d8e-9f10-1a2b3c4d5e6f";
const shareId = "0199a5b3-1a2b-7c3d-8e4f-5a6b7c8d9e0f";
const sessionId = "0c9d8e7f-6a5b-5c4d-8e3f-2a1b0c9d8e7f";
const userId = "3d594650-3436-5a1b-9f3c-8d2e1f0a9b8c";

const pastJob = {
  id: jobId,
  kind: "conversion",
  batchId,
  uploadId,
  sourceName: "song.wav",
  conversion: { preset: "mp3", options: { bitrateKbps: 192 } },
  priority: "normal",
  status: "completed",
  percent: 100,
  outputs: [
    {
      name: "output.mp3",
      fileName: "song.mp3",
      role: "main",
      contentType: "audio/mpeg",
      sizeBytes: 2_721_331,
      checksumCrc32: "yZRlqg==",
      durationSeconds: 113.38,
      audioCodec: "mp3",
    },
  ],
  createdAt,
  startedAt: "2026-03-02T09:30:13.000Z",
  finishedAt: "2026-03-02T09:30:21.000Z",
  expiresAt,
};
const waitingJob = { ...pastJob, status: "queued", percent: 0, outputs: [], startedAt: undefined };

const profile = {
  id: userId,
  name: "Ada",
  email: "ada@example.org",
  role: "user",
  permissions: [],
  createdAt,
  lastSeenAt: createdAt,
};
const activity = { id: shareId, at: createdAt, action: "session.revoked", target: sessionId, by: "you" };
const jobCounts = { waiting: 0, queued: 61, running: 4, completed: 34, failed: 1, cancelled: 0 };
const statistics = {
  jobs: jobCounts,
  storedFiles: 68,
  storedBytes: 1_204_000_000,
  uploadedBytes: 2_000_000_000,
  producedBytes: 312_000_000,
  producedSeconds: 12_906.4,
  computeSeconds: 311.2,
};

const file = {
  id: fileId,
  jobId,
  kind: "main",
  name: "song.mp3",
  contentType: "audio/mpeg",
  sizeBytes: 2_721_331,
  facts: { durationSeconds: 113.38, audioCodec: "mp3" },
  createdAt,
};
const signed = {
  url: "https://dev-t2m-videos.s3.eu-central-1.amazonaws.com/users/…?X-Amz-Signature=…",
  expiresAt: "2026-03-02T09:45:00.000Z",
};
const versions = {
  items: [
    { versionId: "3sL4kqtJlcpXroDTDmJ", isLatest: true, sizeBytes: 2_721_331, createdAt },
    { versionId: "XroDTDmJ3sL4kqtJlcp", isLatest: false, sizeBytes: 2_698_102, createdAt },
  ],
};
const share = { id: shareId, createdAt, expiresAt, openedCount: 2 };

const batch = {
  id: batchId,
  name: "Live at the harbour",
  priority: "normal",
  status: "open",
  jobCount: 100,
  jobs: jobCounts,
  percent: 36.5,
  createdAt,
};
const estimates = {
  estimatedStartAt: "2026-03-02T09:32:00.000Z",
  estimatedCompletionAt: "2026-03-02T09:33:10.000Z",
};
const limits = { perUser: 4, all: 50 };

/** As `examples`, of what the record plane answers. */
export const recordExamples = {
  listHistory: { response: { items: [pastJob] } },
  getPastJob: { response: pastJob },
  getMe: { response: profile },
  changeMe: { request: { name: "Ada" }, response: profile },
  deleteMe: { response: { requestedAt: createdAt, doneBy: "2026-03-04T09:30:00.000Z" } },
  listSessions: {
    response: {
      items: [
        {
          id: sessionId,
          userAgent: "Mozilla/5.0",
          createdAt,
          lastSeenAt: createdAt,
          expiresAt,
          isCurrent: true,
        },
      ],
    },
  },
  listActivity: { response: { items: [activity] } },
  getStatistics: { response: statistics },
  exportMyData: { response: { ...signed, sizeBytes: 48_213 } },
  listFiles: { response: { items: [file] } },
  getFile: { response: file },
  signFile: { response: signed },
  listFileVersions: { response: versions },
  restoreFileVersion: { response: versions },
  shareFile: {
    request: { expiresInSeconds: 86_400 },
    response: { share, token: "q3Jm0nRr1dKZc3tYy0hQm6o2v8b1x5s7u9w4e6r8t0A" },
  },
  listShares: { response: { items: [share] } },
  openShare: {
    response: { name: "song.mp3", contentType: "audio/mpeg", sizeBytes: 2_721_331, ...signed },
  },
  createBatch: {
    request: {
      name: "Live at the harbour",
      priority: "normal",
      jobs: [{ uploadId, conversion: { preset: "mp3", options: { bitrateKbps: 192 } } }],
    },
    response: { ...batch, percent: 0 },
  },
  listBatches: { response: { items: [batch] } },
  getBatch: { response: { ...batch, estimatedCompletionAt: estimates.estimatedCompletionAt } },
  listBatchJobs: {
    response: {
      items: [{ ...waitingJob, finishedAt: undefined, place: 12, ...estimates }],
    },
  },
  pauseBatch: { response: { ...batch, status: "paused" } },
  resumeBatch: { response: batch },
  cancelBatch: { response: { ...batch, status: "cancelled" } },
  getQueue: {
    response: { queued: 61, paused: 0, running: 4, limits, nextPlace: 12, ...estimates },
  },
  listUsers: { response: { items: [profile] } },
  getUser: { response: { profile, statistics } },
  listUserActivity: { response: { items: [activity] } },
  changeAccess: { request: { role: "user", permissions: ["admin.read"] }, response: profile },
  setSuspension: { request: { isSuspended: true }, response: { ...profile, suspendedAt: expiresAt } },
  listAllJobs: {
    response: {
      items: [
        {
          id: jobId,
          userId,
          kind: "conversion",
          preset: "mp3",
          priority: "normal",
          status: "failed",
          percent: 12,
          failureCode: "media.unrecognized",
          createdAt,
          finishedAt: createdAt,
        },
      ],
    },
  },
  listFailures: {
    response: { items: [{ code: "media.unrecognized", jobs: 7, people: 3, lastAt: createdAt }] },
  },
  getThroughput: {
    response: {
      hours: [
        { startsAt: "2026-03-02T09:00:00.000Z", created: 120, completed: 111, failed: 2, cancelled: 1 },
      ],
    },
  },
  getStorageUse: {
    response: {
      files: 68,
      sizeBytes: 1_204_000_000,
      kinds: [{ kind: "main", files: 34, sizeBytes: 312_000_000 }],
      people: [{ userId, files: 68, sizeBytes: 1_204_000_000 }],
    },
  },
  getWholeQueue: {
    response: {
      queued: 61,
      paused: 0,
      running: 4,
      limits,
      oldestQueuedAt: createdAt,
      people: [{ userId, queued: 61, running: 4 }],
    },
  },
};
