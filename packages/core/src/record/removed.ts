import type { StreamRecord } from "./stream-record.ts";

/** When an item left the live plane, and how. */
export type Removed = { removedAt: Date; removal: "deleted" | "expired" };

/** An item whose time was up has expired, whoever was first to delete it: TTL, or the sweep where TTL is late. */
export function removedOf({ at, isByExpiry }: StreamRecord, { expiresAt }: { expiresAt: number }): Removed {
  const hasExpired = isByExpiry || expiresAt * 1000 <= at.getTime();
  return { removedAt: at, removal: hasExpired ? "expired" : "deleted" };
}
