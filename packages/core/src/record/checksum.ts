import { sql } from "drizzle-orm";
import { readRecord } from "../database/access.ts";

/** What the live table alone determines; who was seen first and when a row was touched last are not in it. */
const projected = ["jobs", "job_events", "file_metadata", "usage_daily"] as const;

export type Checksum = { table: (typeof projected)[number]; rows: number; sum: string };

/**
 * Of the tables that are projected from the live table: alike where two databases hold the same rows. The sum of the
 * rows' hashes, so it needs no order and no memory.
 */
export async function checksums(): Promise<Checksum[]> {
  return await Promise.all(projected.map(checksumOf));
}

async function checksumOf(table: Checksum["table"]): Promise<Checksum> {
  const [found] = await readRecord((db) =>
    db.execute<{ rows: string; sum: string }>(sql`
      select count(*)::text as rows,
        coalesce(sum(hashtextextended((to_jsonb(t) - 'updated_at')::text, 0)::numeric), 0)::text as sum
      from ${sql.identifier(table)} t`),
  );
  return { table, rows: Number(found?.rows ?? 0), sum: found?.sum ?? "" };
}
