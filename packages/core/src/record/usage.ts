import { sql } from "drizzle-orm";
import type { Transaction } from "../database/access.ts";
import { usageDaily } from "../database/schema/usage.ts";

export type Usage = Partial<Omit<typeof usageDaily.$inferInsert, "userId" | "day">>;

const counters = [
  "uploads",
  "uploadedBytes",
  "jobsCreated",
  "jobsCompleted",
  "jobsFailed",
  "jobsCancelled",
  "outputBytes",
  "mediaSeconds",
  "runSeconds",
] as const satisfies readonly (keyof Usage)[];

/** Adds to what somebody used on the UTC day of `at`. In the transaction that first records the fact, so once. */
export async function addUsage(tx: Transaction, userId: string, at: Date, usage: Usage): Promise<void> {
  const day = at.toISOString().slice(0, 10);
  const sums = counters
    .filter((name) => usage[name])
    .map((name) => [name, sql`${usageDaily[name]} + excluded.${sql.identifier(usageDaily[name].name)}`]);
  await tx
    .insert(usageDaily)
    .values({ userId, day, ...usage })
    .onConflictDoUpdate({ target: [usageDaily.userId, usageDaily.day], set: Object.fromEntries(sums) });
}
