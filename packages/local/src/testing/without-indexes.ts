import type { TransactionSql } from "postgres";

/**
 * Does `work` without the indexes, keys and references of all tables and makes them afterwards: so many rows go in
 * several times as fast.
 */
export async function withoutIndexes(tx: TransactionSql, work: () => Promise<void>): Promise<void> {
  const parts = await tx<{ remove: string; restore: string }[]>`
    select remove, restore from (
      select (contype <> 'f')::int as rank,
        format('alter table %s drop constraint %I', conrelid::regclass, conname) as remove,
        format('alter table %s add constraint %I %s', conrelid::regclass, conname, pg_get_constraintdef(oid)) as restore
      from pg_constraint where contype in ('p', 'u', 'f') and connamespace = 'public'::regnamespace
      union all
      select 1, format('drop index %s', indexrelid::regclass), pg_get_indexdef(indexrelid)
      from pg_index join pg_class on pg_class.oid = indexrelid
      where relnamespace = 'public'::regnamespace
        and not exists (select from pg_constraint where conindid = indexrelid and contype in ('p', 'u'))
    ) parts order by rank`;
  for (const { remove } of parts) await tx.unsafe(remove);
  await work();
  await tx.unsafe("set local maintenance_work_mem = '256MB'");
  // References last: they need the keys that they refer to.
  for (const { restore } of parts.toReversed()) await tx.unsafe(restore);
}
