import { dueShards, type Key, uploadPrefix } from "../live/keys.ts";
import {
  ConditionFailed,
  deleteItem,
  type Expression,
  getItem,
  queryDue,
  updateItem,
} from "../live/table.ts";
import { uploadDueAt } from "../uploads/item.ts";
import { JobItem } from "./items.ts";
import { type Help, sweepJob } from "./sweep-job.ts";

/** What a sweep found due, by what it did about it; `expired`: deleted, as the table's TTL had left it. */
export type SweepCounts = Record<Help | "expired", number> & { errors: { item: string; message: string }[] };

const pageSize = 50;
const errorPauseSeconds = 300;

/**
 * Looks at every upload and job that is due: work whose worker died goes on, orders that went astray are put
 * again, what has expired goes. One that cannot be helped now does not keep the others from it.
 * @param until epoch milliseconds; nothing new is begun afterwards
 */
export async function sweepDue({ until }: { until: number }): Promise<SweepCounts> {
  const counts: SweepCounts = {
    queued: 0,
    revived: 0,
    ordered: 0,
    cancelled: 0,
    failed: 0,
    expired: 0,
    postponed: 0,
    errors: [],
  };
  const shards = Array.from({ length: dueShards }, (_, shard) => shard);
  await Promise.all(shards.map((shard) => sweepShard(shard, until, counts)));
  return counts;
}

async function sweepShard(shard: number, until: number, counts: SweepCounts): Promise<void> {
  const seen = new Set<string>();
  while (Date.now() < until) {
    const due = await queryDue({ shard, beforeSeconds: Math.floor(Date.now() / 1000) + 1, limit: pageSize });
    // The index lags behind: what was just dealt with may show up again.
    const fresh = due.filter((key) => !seen.has(key.pk + key.sk));
    if (fresh.length === 0) return;
    for (const key of fresh) {
      if (Date.now() >= until) return;
      seen.add(key.pk + key.sk);
      await sweepItem(key, counts);
    }
  }
}

async function sweepItem(key: Key, counts: SweepCounts): Promise<void> {
  try {
    const help = await helpItem(key);
    if (help) counts[help] += 1;
  } catch (error) {
    counts.errors.push({ item: key.sk, message: String(error) });
    // Or it would stand before the others in every sweep. When even this fails, the table is away.
    await postpone(key, Math.floor(Date.now() / 1000) + errorPauseSeconds).catch(() => undefined);
  }
}

async function helpItem(key: Key): Promise<Help | "expired" | undefined> {
  const item = await getItem(key);
  // Reads hide what has expired, so the condition tells it from what is gone.
  if (!item) return (await happened(deleteItem(key, ifExpired()))) ? "expired" : undefined;
  if (!key.sk.startsWith(uploadPrefix)) return await sweepJob(JobItem.parse(item));
  return (await happened(postpone(key, uploadDueAt(item.expiresAt)))) ? "postponed" : undefined;
}

function ifExpired(): Expression {
  return { expression: "expiresAt <= :now", values: { ":now": Math.floor(Date.now() / 1000) } };
}

async function postpone(key: Key, dueAt: number): Promise<void> {
  await updateItem(
    key,
    { expression: "SET dueAt = :dueAt", values: { ":dueAt": dueAt } },
    { expression: "attribute_exists(pk)" },
    { repeatable: true },
  );
}

async function happened(write: Promise<unknown>): Promise<boolean> {
  try {
    await write;
    return true;
  } catch (error) {
    if (error instanceof ConditionFailed) return false;
    throw error;
  }
}
