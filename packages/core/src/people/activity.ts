import type { UserId } from "@t2m/contract/ids";
import type { Page } from "@t2m/contract/page";
import type { Activity } from "@t2m/contract/people";
import { and, desc, eq, lt } from "drizzle-orm";
import { v7 } from "uuid";
import { readRecord, type Transaction } from "../database/access.ts";
import { activityLog } from "../database/schema/activity-log.ts";
import { idCursor, pageFrom } from "../history/pages.ts";

export type Act = {
  userId: UserId;
  /** Who did it; the system where absent. */
  actorId?: UserId;
  action:
    | "account.created"
    | "account.deleted"
    | "account.exported"
    | "account.suspended"
    | "account.reinstated"
    | "profile.changed"
    | "session.revoked"
    | "access.changed"
    | "file.restored"
    | "file.shared"
    | "share.revoked"
    | "batch.created"
    | "batch.paused"
    | "batch.resumed"
    | "batch.cancelled"
    | "job.cancelled";
  subject?: { type: string; id: string };
  details?: Record<string, unknown>;
};

/** Writes a sensitive act down, in the transaction that does it. */
export async function note(tx: Transaction, act: Act): Promise<void> {
  const { userId, actorId, action, subject, details } = act;
  await tx.insert(activityLog).values({
    id: v7(),
    userId,
    action,
    ...(actorId && { actorId }),
    ...(subject && { subjectType: subject.type, subjectId: subject.id }),
    ...(details && { details }),
  });
}

/** What was done in somebody's account, newest first. Throws `ApiError` "request.invalid" for a cursor that is none. */
export async function listActivity(
  userId: UserId,
  page: Page,
): Promise<{ items: Activity[]; cursor?: string }> {
  const before = idCursor(page.cursor);
  const rows = await readRecord((db) =>
    db
      .select()
      .from(activityLog)
      .where(and(eq(activityLog.userId, userId), before ? lt(activityLog.id, before) : undefined))
      .orderBy(desc(activityLog.id))
      .limit(page.limit + 1),
  );
  return pageFrom(
    rows,
    page.limit,
    ({ id }) => id,
    (row) => ({
      id: row.id,
      at: row.at.toISOString(),
      action: row.action,
      ...(row.subjectId !== null && { target: row.subjectId }),
      by: row.actorId === userId ? "you" : "support",
    }),
  );
}
