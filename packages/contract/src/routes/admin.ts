import * as z from "zod/mini";
import { AccessChange, Suspension } from "../admin.ts";
import { filters, Word } from "../filters.ts";
import { JobId, UserId } from "../ids.ts";
import { JobStatus } from "../job-status.ts";
import { Page } from "../page.ts";
import { route } from "../route.ts";
import { Moment } from "../time.ts";

const { limit, cursor, search, from, to } = filters;
const person = z.object({ userId: UserId });
/** The last day where nothing is said. */
const Span = z.object({ from: z.optional(Moment), to: z.optional(Moment) });

/** For those who may look. */
const look = { method: "GET", access: "user", permission: "admin.read" } as const;
/** For those who may change things. */
const manage = { access: "user", permission: "admin.manage" } as const;

export const listUsers = route({
  ...look,
  path: "/admin/users",
  query: z.object({ limit, cursor, search }),
});

export const getUser = route({ ...look, path: "/admin/users/{userId}", params: person });

export const listUserActivity = route({
  ...look,
  path: "/admin/users/{userId}/activity",
  params: person,
  query: Page,
});

export const changeAccess = route({
  ...manage,
  method: "PUT",
  path: "/admin/users/{userId}/access",
  params: person,
  body: AccessChange,
});

export const setSuspension = route({
  ...manage,
  method: "PUT",
  path: "/admin/users/{userId}/suspension",
  params: person,
  body: Suspension,
});

export const SupportFilter = z.object({
  limit,
  cursor,
  from,
  to,
  userId: z.optional(UserId),
  status: z.optional(JobStatus),
  failureCode: z.optional(Word),
});
export type SupportFilter = z.infer<typeof SupportFilter>;

export const listAllJobs = route({ ...look, path: "/admin/jobs", query: SupportFilter });

export const cancelForUser = route({
  ...manage,
  method: "POST",
  path: "/admin/users/{userId}/jobs/{jobId}/cancel",
  params: z.object({ userId: UserId, jobId: JobId }),
});

export const listFailures = route({ ...look, path: "/admin/failures", query: Span });

export const getThroughput = route({ ...look, path: "/admin/throughput", query: Span });

export const getStorageUse = route({ ...look, path: "/admin/storage" });

export const getWholeQueue = route({ ...look, path: "/admin/queue" });
