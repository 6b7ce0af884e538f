import * as z from "zod/mini";
import { adminOperations } from "./api/admin.ts";
import { batchOperations } from "./api/batches.ts";
import { fileOperations } from "./api/files.ts";
import { historyOperations } from "./api/history.ts";
import { peopleOperations } from "./api/people.ts";
import type { ErrorCode } from "./errors.ts";
import { Job, SignedOutput } from "./jobs.ts";
import { CreatedUpload } from "./new-upload.ts";
import { pageOf } from "./page.ts";
import type { Route } from "./route.ts";
import { createJob } from "./routes/create-job.ts";
import { createUpload } from "./routes/create-upload.ts";
import { getJob } from "./routes/get-job.ts";
import { getUpload } from "./routes/get-upload.ts";
import * as jobs from "./routes/jobs.ts";
import * as service from "./routes/service.ts";
import { signParts } from "./routes/sign-parts.ts";
import * as uploads from "./routes/uploads.ts";
import { Health, Preset } from "./service.ts";
import { SignedParts, StoredParts, Upload } from "./uploads.ts";

export type Operation = {
  route: Route;
  summary: string;
  status: 200 | 201 | 204;
  response?: z.ZodMiniType;
  /** Refusals beside those every route shares (bad request, sign-in, unavailable, internal). */
  errors: readonly ErrorCode[];
};

/** Every operation of the HTTP API. OpenAPI, the typed client, the manifest and the tests are made from it. */
export const api = {
  createUpload: {
    route: createUpload,
    summary: "Begin an upload, with the conversions wanted of it",
    status: 201,
    response: CreatedUpload,
    errors: ["upload.type_unsupported", "upload.too_large", "idempotency.mismatch"],
  },
  listUploads: {
    route: uploads.listUploads,
    summary: "Your uploads, newest first",
    status: 200,
    response: pageOf(Upload),
    errors: [],
  },
  getUpload: {
    route: getUpload,
    summary: "How far an upload is",
    status: 200,
    response: Upload,
    errors: ["not_found"],
  },
  signParts: {
    route: signParts,
    summary: "URLs for up to 100 parts, each for exactly that part's length and checksum",
    status: 200,
    response: SignedParts,
    errors: ["not_found", "upload.not_open", "upload.part_unknown"],
  },
  listParts: {
    route: uploads.listParts,
    summary: "The parts that S3 holds and those still missing, to resume by",
    status: 200,
    response: StoredParts,
    errors: ["not_found", "upload.not_open"],
  },
  recordPart: {
    route: uploads.recordPart,
    summary: "Say that a part is stored; saying it again changes nothing",
    status: 200,
    response: Upload,
    errors: ["not_found", "upload.not_open", "upload.part_unknown"],
  },
  completeUpload: {
    route: uploads.completeUpload,
    summary: "Put the parts together; refused unless S3 holds every one of them",
    status: 200,
    response: Upload,
    errors: ["not_found", "upload.not_open", "upload.incomplete"],
  },
  abortUpload: {
    route: uploads.abortUpload,
    summary: "Give an upload up, or delete a completed one with its jobs' source",
    status: 204,
    errors: ["not_found"],
  },
  createJob: {
    route: createJob,
    summary: "Convert a completed upload once more",
    status: 201,
    response: Job,
    errors: ["not_found", "upload.not_open", "idempotency.mismatch"],
  },
  listJobs: {
    route: jobs.listJobs,
    summary: "Your jobs, newest first",
    status: 200,
    response: pageOf(Job),
    errors: [],
  },
  getJob: {
    route: getJob,
    summary: "A job's state",
    status: 200,
    response: Job,
    errors: ["not_found"],
  },
  streamJob: {
    route: jobs.streamJob,
    summary: "A job's events as they happen; Last-Event-ID resumes",
    status: 200,
    errors: ["not_found"],
  },
  cancelJob: {
    route: jobs.cancelJob,
    summary: "Cancel a job; one that has ended stays as it is",
    status: 200,
    response: Job,
    errors: ["not_found"],
  },
  deleteJob: {
    route: jobs.deleteJob,
    summary: "Delete a job and its outputs now; a running one is cancelled",
    status: 204,
    errors: ["not_found"],
  },
  signOutput: {
    route: jobs.signOutput,
    summary: "A short-lived URL of an output, to download or to play",
    status: 200,
    response: SignedOutput,
    errors: ["not_found", "job.not_finished"],
  },
  listPresets: {
    route: service.listPresets,
    summary: "What files can be converted to, with the options of each",
    status: 200,
    response: z.array(Preset),
    errors: [],
  },
  checkHealth: {
    route: service.checkHealth,
    summary: "Whether the service is well",
    status: 200,
    response: Health,
    errors: [],
  },
  ...historyOperations,
  ...peopleOperations,
  ...fileOperations,
  ...batchOperations,
  ...adminOperations,
} as const satisfies Record<string, Operation>;

export type OperationName = keyof typeof api;
