import { and, eq, gte } from "drizzle-orm";
import type { Transaction } from "../database/access.ts";
import { erasures, users } from "../database/schema/users.ts";

/**
 * Makes sure that an owner has a row and keeps it until the transaction ends: work may be recorded before its owner
 * was ever seen here. Gives false where they deleted their account after `madeAt`: what is from before is gone.
 */
export async function holdOwner(tx: Transaction, userId: string, madeAt: Date): Promise<boolean> {
  if (await isErased(tx, userId, madeAt)) return false;
  let isOurs = false;
  while (!(await isHeld(tx, userId))) {
    await tx.insert(users).values({ id: userId }).onConflictDoNothing();
    isOurs = true;
  }
  // Asked again while the row is held: from here on nobody deletes the account before our commit.
  if (!(await isErased(tx, userId, madeAt))) return true;
  if (isOurs) await tx.delete(users).where(eq(users.id, userId));
  return false;
}

async function isErased(tx: Transaction, userId: string, madeAt: Date): Promise<boolean> {
  const erased = await tx
    .select({ userId: erasures.userId })
    .from(erasures)
    .where(and(eq(erasures.userId, userId), gte(erasures.erasedAt, madeAt)));
  return erased.length > 0;
}

async function isHeld(tx: Transaction, userId: string): Promise<boolean> {
  const held = await tx.select({ id: users.id }).from(users).where(eq(users.id, userId)).for("key share");
  return held.length > 0;
}
