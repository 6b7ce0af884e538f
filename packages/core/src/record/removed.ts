import { and, eq, isNull } from "drizzle-orm";
import type { Transaction } from "../database/access.ts";
import { fileMetadata } from "../database/schema/file-metadata.ts";
import { jobs } from "../database/schema/jobs.ts";
import type { StreamRecord } from "./stream-record.ts";

/** When an item left the live plane, and how. */
export type Removed = { removedAt: Date; removal: "deleted" | "expired" };

/** An item whose time was up has expired, whoever was first to delete it: TTL, or the sweep where TTL is late. */
export function removedOf({ at, isByExpiry }: StreamRecord, { expiresAt }: { expiresAt: number }): Removed {
  const hasExpired = isByExpiry || expiresAt * 1000 <= at.getTime();
  return { removedAt: at, removal: hasExpired ? "expired" : "deleted" };
}

/** Marks a job as gone, and those of its files that were still there. */
export async function markRemoved(tx: Transaction, jobId: string, removed: Removed): Promise<void> {
  await tx
    .update(jobs)
    .set({ ...removed, updatedAt: new Date() })
    .where(eq(jobs.id, jobId));
  await tx
    .update(fileMetadata)
    .set(removed)
    .where(and(eq(fileMetadata.jobId, jobId), isNull(fileMetadata.removedAt)));
}
