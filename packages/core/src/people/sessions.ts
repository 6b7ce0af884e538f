import type { UserId } from "@t2m/contract/ids";
import type { Page } from "@t2m/contract/page";
import type { Session } from "@t2m/contract/people";
import { and, desc, eq, isNull, sql } from "drizzle-orm";
import { changeRecord, readRecord } from "../database/access.ts";
import { sessions } from "../database/schema/sessions.ts";
import { notFound } from "../errors.ts";
import { pageFrom, timeCursor, timeCursorOf } from "../history/pages.ts";
import { revokeEverywhere } from "../identity/revocations.ts";
import { note } from "./activity.ts";
import type { Viewer } from "./permissions.ts";
import { forgetViewer } from "./visit.ts";

/** Where somebody is signed in, newest first. Throws `ApiError` "request.invalid" for a cursor that is none. */
export async function listSessions(
  { userId, sessionId }: Viewer,
  page: Page,
): Promise<{ items: Session[]; cursor?: string }> {
  const before = timeCursor(page.cursor);
  const rows = await readRecord((db) =>
    db
      .select()
      .from(sessions)
      .where(
        and(
          eq(sessions.userId, userId),
          before && sql`(${sessions.createdAt}, ${sessions.id}) < (${before.at.toISOString()}, ${before.id})`,
        ),
      )
      .orderBy(desc(sessions.createdAt), desc(sessions.id))
      .limit(page.limit + 1),
  );
  return pageFrom(
    rows,
    page.limit,
    ({ createdAt, id }) => timeCursorOf({ at: createdAt, id }),
    (row) => ({
      id: row.id,
      ...(row.userAgent !== null && { userAgent: row.userAgent }),
      createdAt: row.createdAt.toISOString(),
      lastSeenAt: row.lastSeenAt.toISOString(),
      expiresAt: row.expiresAt.toISOString(),
      ...(row.revokedAt !== null && { revokedAt: row.revokedAt.toISOString() }),
      isCurrent: row.id === sessionId,
    }),
  );
}

/**
 * Ends a session. First where every function looks, then in the record: should the second fail, the same request again
 * does it. Throws `ApiError` not_found.
 */
export async function revokeSession(userId: UserId, sessionId: string): Promise<void> {
  const mine = and(eq(sessions.id, sessionId), eq(sessions.userId, userId));
  const [session] = await readRecord((db) => db.select().from(sessions).where(mine));
  if (!session) throw notFound("session");
  await revokeEverywhere([sessionId]);
  await changeRecord(async (tx) => {
    const ended = await tx
      .update(sessions)
      .set({ revokedAt: sql`now()` })
      .where(and(mine, isNull(sessions.revokedAt)))
      .returning({ id: sessions.id });
    if (ended.length === 0) return;
    const subject = { type: "session", id: sessionId };
    await note(tx, { userId, actorId: userId, action: "session.revoked", subject });
  });
  forgetViewer(sessionId);
}
