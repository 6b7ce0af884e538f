import { randomUUID } from "node:crypto";
import type { Priority } from "@t2m/contract/priority";
import type { Sql } from "postgres";
import { v7 } from "uuid";

/** Puts so many jobs of somebody's in line, as a batch does; gives their ids in their order. */
export async function queue(
  sql: Sql,
  {
    userId,
    jobs: count,
    priority = "normal",
    queuedAt = new Date(),
  }: { userId: string; jobs: number; priority?: Priority; queuedAt?: Date },
): Promise<string[]> {
  const ids = Array.from({ length: count }, () => v7());
  const now = new Date();
  await sql`insert into users ${sql([{ id: userId }])} on conflict do nothing`;
  await sql`insert into jobs ${sql(
    ids.map((id) => ({
      id,
      user_id: userId,
      upload_id: v7(),
      kind: "conversion",
      status: "queued",
      priority,
      topic: "song.wav",
      configuration: sql.json({ preset: "mp3", options: {} }),
      version: 0,
      created_at: now,
    })),
  )}`;
  await sql`insert into job_queue ${sql(
    ids.map((id) => ({ id: v7(), job_id: id, user_id: userId, priority, queued_at: queuedAt })),
  )}`;
  return ids;
}

export const person = () => randomUUID() as string;
