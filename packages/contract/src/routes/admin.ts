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

export const listUsers = route({
  method: "GET",
  path: "/admin/users",
  access: "user",
  permission: "admin.read",
  query: z.object({ limit, cursor, search }),
});

export const getUser = route({
  method: "GET",
  path: "/admin/users/{userId}",
  access: "user",
  permission: "admin.read",
  params: person,
});

export const listUserActivity = route({
  method: "GET",
  path: "/admin/users/{userId}/activity",
  access: "user",
  permission: "admin.read",
  params: person,
  query: Page,
});

export const changeAccess = route({
  method: "PUT",
  path: "/admin/users/{userId}/access",
  access: "user",
  permission: "admin.manage",
  params: person,
  body: AccessChange,
});

export const setSuspension = route({
  method: "PUT",
  path: "/admin/users/{userId}/suspension",
  access: "user",
  permission: "admin.manage",
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

export const listAllJobs = route({
  method: "GET",
  path: "/admin/jobs",
  access: "user",
  permission: "admin.read",
  query: SupportFilter,
});

export const cancelForUser = route({
  method: "POST",
  path: "/admin/users/{userId}/jobs/{jobId}/cancel",
  access: "user",
  permission: "admin.manage",
  params: z.object({ userId: UserId, jobId: JobId }),
});

export const listFailures = route({
  method: "GET",
  path: "/admin/failures",
  access: "user",
  permission: "admin.read",
  query: Span,
});

export const getThroughput = route({
  method: "GET",
  path: "/admin/throughput",
  access: "user",
  permission: "admin.read",
  query: Span,
});

export const getStorageUse = route({
  method: "GET",
  path: "/admin/storage",
  access: "user",
  permission: "admin.read",
});

export const getWholeQueue = route({
  method: "GET",
  path: "/admin/queue",
  access: "user",
  permission: "admin.read",
});
