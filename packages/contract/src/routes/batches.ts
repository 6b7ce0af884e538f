import * as z from "zod/mini";
import { BatchId } from "../ids.ts";
import { Page } from "../page.ts";
import { route } from "../route.ts";

const params = z.object({ batchId: BatchId });

export const listBatches = route({ method: "GET", path: "/batches", access: "user", query: Page });

export const getBatch = route({ method: "GET", path: "/batches/{batchId}", access: "user", params });

export const listBatchJobs = route({
  method: "GET",
  path: "/batches/{batchId}/jobs",
  access: "user",
  params,
  query: Page,
});

export const pauseBatch = route({
  method: "POST",
  path: "/batches/{batchId}/pause",
  access: "user",
  params,
});

export const resumeBatch = route({
  method: "POST",
  path: "/batches/{batchId}/resume",
  access: "user",
  params,
});

export const cancelBatch = route({
  method: "POST",
  path: "/batches/{batchId}/cancel",
  access: "user",
  params,
});

export const getQueue = route({ method: "GET", path: "/queue", access: "user" });
