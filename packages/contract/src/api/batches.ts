import type { Operation } from "../api.ts";
import { Batch, BatchJob, Queue } from "../batches.ts";
import { pageOf } from "../page.ts";
import * as batches from "../routes/batches.ts";
import { createBatch } from "../routes/create-batch.ts";

export const batchOperations = {
  createBatch: {
    route: createBatch,
    summary: "Queue up to 1,000 conversions of completed uploads",
    status: 201,
    response: Batch,
    errors: ["not_found", "upload.not_open", "idempotency.mismatch"],
  },
  listBatches: {
    route: batches.listBatches,
    summary: "Your batches, newest first",
    status: 200,
    response: pageOf(Batch),
    errors: [],
  },
  getBatch: {
    route: batches.getBatch,
    summary: "How far a batch is",
    status: 200,
    response: Batch,
    errors: ["not_found"],
  },
  listBatchJobs: {
    route: batches.listBatchJobs,
    summary: "A batch's jobs in their order, with the place of those that wait",
    status: 200,
    response: pageOf(BatchJob),
    errors: ["not_found"],
  },
  pauseBatch: {
    route: batches.pauseBatch,
    summary: "Start no more of a batch's jobs for now",
    status: 200,
    response: Batch,
    errors: ["not_found", "batch.ended"],
  },
  resumeBatch: {
    route: batches.resumeBatch,
    summary: "Go on with a paused batch",
    status: 200,
    response: Batch,
    errors: ["not_found", "batch.ended"],
  },
  cancelBatch: {
    route: batches.cancelBatch,
    summary: "Cancel what has not ended of a batch",
    status: 200,
    response: Batch,
    errors: ["not_found"],
  },
  getQueue: {
    route: batches.getQueue,
    summary: "Your place in the queue",
    status: 200,
    response: Queue,
    errors: [],
  },
} as const satisfies Record<string, Operation>;
