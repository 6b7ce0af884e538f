import { pgEnum } from "drizzle-orm/pg-core";

/** As `jobStatuses` of the contract; a test compares them. */
export const jobStatus = pgEnum("job_status", [
  "waiting",
  "queued",
  "running",
  "completed",
  "failed",
  "cancelled",
]);

/** In the order in which they are served: Postgres compares enums by their place in this list. */
export const jobPriority = pgEnum("job_priority", ["high", "normal", "low"]);

/**
 * `queued` waits for its turn, `paused` for its owner; `claimed` is being released to the live plane; `running` was
 * released. The rest are ends.
 */
export const queueStatus = pgEnum("queue_status", [
  "queued",
  "paused",
  "claimed",
  "running",
  "completed",
  "failed",
  "cancelled",
]);

export const userRole = pgEnum("user_role", ["user", "admin"]);

/** How something left the live plane: by its owner's wish, or because its time was up. */
export const removal = pgEnum("removal", ["deleted", "expired"]);
