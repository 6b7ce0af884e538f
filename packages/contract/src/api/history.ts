import type { Operation } from "../api.ts";
import { PastJob } from "../history.ts";
import { pageOf } from "../page.ts";
import * as history from "../routes/history.ts";

export const historyOperations = {
  listHistory: {
    route: history.listHistory,
    summary: "All your jobs ever, newest first, also those whose outputs have expired",
    status: 200,
    response: pageOf(PastJob),
    errors: [],
  },
  getPastJob: {
    route: history.getPastJob,
    summary: "What is recorded of a job",
    status: 200,
    response: PastJob,
    errors: ["not_found"],
  },
  deletePastJob: {
    route: history.deletePastJob,
    summary: "Delete what is recorded of a job that has expired",
    status: 204,
    errors: ["not_found", "job.not_expired"],
  },
} as const satisfies Record<string, Operation>;
