import * as z from "zod/mini";
import { SessionId, UserId } from "./ids.ts";
import { JobStatus } from "./job-status.ts";
import { pageOf } from "./page.ts";
import { Permission, Role } from "./permissions.ts";
import { Moment } from "./time.ts";

export const Profile = z.object({
  id: UserId,
  name: z.optional(z.string()),
  email: z.optional(z.string()),
  role: Role,
  /** What the role and what was granted come to. */
  permissions: z.array(Permission),
  createdAt: Moment,
  lastSeenAt: z.optional(Moment),
  /** Since when an administrator keeps them out. */
  suspendedAt: z.optional(Moment),
});
export type Profile = z.infer<typeof Profile>;

export const PersonName = z
  .string()
  .check(z.minLength(1), z.maxLength(100), z.regex(/^\P{Cc}+$/u, "may not hold control characters"));

export const ProfileChange = z.strictObject({ name: PersonName });

/** A sign-in, as the issuer's tokens tell it. */
export const Session = z.object({
  id: SessionId,
  userAgent: z.optional(z.string()),
  createdAt: Moment,
  lastSeenAt: Moment,
  expiresAt: Moment,
  revokedAt: z.optional(Moment),
  /** The one that asks. */
  isCurrent: z.boolean(),
});
export type Session = z.infer<typeof Session>;

export const Activity = z.object({
  id: z.uuid(),
  at: Moment,
  /** Such as `session.revoked`. */
  action: z.string(),
  target: z.optional(z.string()),
  /** Whether you did it yourself, or support on your behalf. */
  by: z.enum(["you", "support"]),
});
export type Activity = z.infer<typeof Activity>;
export const ActivityPage = pageOf(Activity);

export const Statistics = z.object({
  jobs: z.record(JobStatus, z.int()),
  /** Kept at this moment. */
  storedFiles: z.int(),
  storedBytes: z.int(),
  /** Of all time. */
  uploadedBytes: z.int(),
  producedBytes: z.int(),
  producedSeconds: z.number(),
  /** Time that converters spent. */
  computeSeconds: z.number(),
});
export type Statistics = z.infer<typeof Statistics>;

/** All that is recorded of you, as one JSON document behind a short-lived URL. */
export const DataExport = z.object({ url: z.string(), sizeBytes: z.int(), expiresAt: Moment });
export type DataExport = z.infer<typeof DataExport>;

/** The account is closed from now on; `doneBy` is when the last of it is gone at the latest. */
export const AccountDeletion = z.object({ requestedAt: Moment, doneBy: Moment });
export type AccountDeletion = z.infer<typeof AccountDeletion>;
