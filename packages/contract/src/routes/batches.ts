import * as z from "zod/mini";
import { BatchId } from "../ids.ts";
import { Page } from "../page.ts";
import { route } from "../route.ts";

/** Of one batch of who asks. */
const ofBatch = { access: "user", params: z.object({ batchId: BatchId }) } as const;

export const listBatches = route({ method: "GET", path: "/batches", access: "user", query: Page });

export const getBatch = route({ ...ofBatch, method: "GET", path: "/batches/{batchId}" });

export const listBatchJobs = route({
  ...ofBatch,
  method: "GET",
  path: "/batches/{batchId}/jobs",
  query: Page,
});

export const pauseBatch = route({ ...ofBatch, method: "POST", path: "/batches/{batchId}/pause" });

export const resumeBatch = route({ ...ofBatch, method: "POST", path: "/batches/{batchId}/resume" });

export const cancelBatch = route({ ...ofBatch, method: "POST", path: "/batches/{batchId}/cancel" });

export const getQueue = route({ method: "GET", path: "/queue", access: "user" });
