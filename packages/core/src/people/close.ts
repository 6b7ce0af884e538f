import type { UserId } from "@t2m/contract/ids";
import { accountOrderKey } from "@t2m/contract/keys";
import { accountDeletionHours } from "@t2m/contract/limits";
import type { AccountDeletion } from "@t2m/contract/people";
import { and, eq, lte, sql } from "drizzle-orm";
import { changeRecord, readRecord } from "../database/access.ts";
import { sessions } from "../database/schema/sessions.ts";
import { erasures, users } from "../database/schema/users.ts";
import { revokeEverywhere } from "../identity/revocations.ts";
import { putObject } from "../storage/objects.ts";
import { note } from "./activity.ts";
import { forgetViewer } from "./visit.ts";

/**
 * Closes an account for good. From here on it is a matter of record, and nothing new is recorded for it; its sessions
 * end everywhere, and a work order starts the rest. Said again it only puts the order again.
 */
export async function requestDeletion(userId: UserId): Promise<AccountDeletion> {
  const { erasedAt, sessionIds } = await changeRecord(async (tx) => {
    const isNew = await tx.insert(erasures).values({ userId }).onConflictDoNothing().returning();
    if (isNew.length > 0) await note(tx, { userId, actorId: userId, action: "account.deleted" });
    const [erasure] = await tx.select().from(erasures).where(eq(erasures.userId, userId));
    const ended = await tx
      .update(sessions)
      .set({ revokedAt: sql`coalesce(${sessions.revokedAt}, now())` })
      .where(eq(sessions.userId, userId))
      .returning({ id: sessions.id });
    return { erasedAt: erasure?.erasedAt ?? new Date(), sessionIds: ended.map(({ id }) => id) };
  });
  await revokeEverywhere(sessionIds);
  sessionIds.forEach(forgetViewer);
  await orderDeletion(userId);
  const doneBy = new Date(erasedAt.getTime() + accountDeletionHours * 3_600_000);
  return { requestedAt: erasedAt.toISOString(), doneBy: doneBy.toISOString() };
}

async function orderDeletion(userId: UserId): Promise<void> {
  await putObject({
    bucket: "temp",
    key: accountOrderKey(userId),
    body: JSON.stringify({ userId }),
    contentType: "application/json",
  });
}

/** Orders that were lost, or whose work came to nothing, are put again. Gives how many accounts that was. */
export async function sweepDeletions(): Promise<number> {
  const open = await readRecord((db) =>
    db
      .select({ userId: erasures.userId })
      .from(erasures)
      // Who came back since has a row that is younger.
      .innerJoin(users, and(eq(users.id, erasures.userId), lte(users.createdAt, erasures.erasedAt)))
      .limit(100),
  );
  await Promise.all(open.map(({ userId }) => orderDeletion(userId)));
  return open.length;
}
