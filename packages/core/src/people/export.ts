import type { UserId } from "@t2m/contract/ids";
import { exportKey } from "@t2m/contract/keys";
import type { DataExport } from "@t2m/contract/people";
import { and, eq, getTableColumns, sql } from "drizzle-orm";
import type { PgColumn, PgTable } from "drizzle-orm/pg-core";
import { v7 } from "uuid";
import { changeRecord, readRecord } from "../database/access.ts";
import { activityLog } from "../database/schema/activity-log.ts";
import { batches } from "../database/schema/batches.ts";
import { fileMetadata, shareLinks } from "../database/schema/file-metadata.ts";
import { jobs } from "../database/schema/jobs.ts";
import { permissions } from "../database/schema/permissions.ts";
import { sessions } from "../database/schema/sessions.ts";
import { usageDaily } from "../database/schema/usage.ts";
import { users } from "../database/schema/users.ts";
import { ApiError } from "../errors.ts";
import { signDownload } from "../storage/presign.ts";
import { putText } from "../storage/stream.ts";
import { note } from "./activity.ts";

type Kept = { table: PgTable; owner: PgColumn; order: readonly [PgColumn, ...PgColumn[]] };

/** Everything that has an owner, by the name it has in the export, in an order that an index serves. */
const kept: Record<string, Kept> = {
  profile: { table: users, owner: users.id, order: [users.id] },
  permissions: { table: permissions, owner: permissions.userId, order: [permissions.permission] },
  sessions: { table: sessions, owner: sessions.userId, order: [sessions.createdAt, sessions.id] },
  activity: { table: activityLog, owner: activityLog.userId, order: [activityLog.id] },
  usage: { table: usageDaily, owner: usageDaily.userId, order: [usageDaily.day] },
  batches: { table: batches, owner: batches.userId, order: [batches.id] },
  jobs: { table: jobs, owner: jobs.userId, order: [jobs.id] },
  files: {
    table: fileMetadata,
    owner: fileMetadata.userId,
    order: [fileMetadata.createdAt, fileMetadata.id],
  },
  shares: { table: shareLinks, owner: shareLinks.userId, order: [shareLinks.id] },
};

/** Of one query, so that one is no more than some hundred kilobytes. */
const rowsAtOnce = 500;
/** Before API Gateway's 30 seconds are over. */
const mostMs = 25_000;

/**
 * All that is recorded of somebody, as one JSON document in `temp`, which forgets it within days, behind a URL for a
 * quarter of an hour. It is written as it is read, so its size does not matter to memory. The files themselves are
 * fetched one by one. Throws `ApiError` "service.unavailable" where it cannot be had in time.
 */
export async function exportData(userId: UserId): Promise<DataExport> {
  const ref = { bucket: "temp", key: exportKey(userId, v7()) } as const;
  const contentType = "application/json";
  const sizeBytes = await putText(ref, { contentType }, documentOf(userId, Date.now() + mostMs));
  await changeRecord((tx) => note(tx, { userId, actorId: userId, action: "account.exported" }));
  const { url, expiresAt } = signDownload(ref, { fileName: "my-data.json", contentType, use: "download" });
  return { url, sizeBytes, expiresAt: expiresAt.toISOString() };
}

async function* documentOf(userId: UserId, until: number): AsyncGenerator<string> {
  let before = "{";
  for (const [name, one] of Object.entries(kept)) {
    yield `${before}"${name}":[`;
    let comma = "";
    for await (const rows of pagesOf(one, userId)) {
      if (Date.now() > until) throw tooLarge();
      yield comma + rows.map((row) => JSON.stringify(row)).join(",");
      comma = ",";
    }
    yield "]";
    before = ",";
  }
  yield "}";
}

function tooLarge(): ApiError {
  const detail =
    "There is more of yours than one answer can wait for; ask those who run this service for it.";
  return new ApiError("service.unavailable", detail);
}

type Row = Record<string, unknown>;

async function* pagesOf({ table, owner, order }: Kept, userId: UserId): AsyncGenerator<Row[]> {
  const place = sql.join([...order], sql`, `);
  const names = Object.entries(getTableColumns(table));
  const keys = order.map((column) => names.find(([, one]) => one === column)?.[0] ?? "");
  let last: Row | undefined;
  do {
    const beyond =
      last &&
      sql`(${place}) > (${sql.join(
        keys.map((key) => textOf(last?.[key])),
        sql`, `,
      )})`;
    const rows: Row[] = await readRecord((db) =>
      db
        .select()
        .from(table)
        .where(and(eq(owner, userId), beyond))
        .orderBy(...order)
        .limit(rowsAtOnce),
    );
    // The digest of a link's secret is ours, not theirs.
    if (rows.length > 0) yield rows.map(({ secretHash: _, ...row }) => row);
    last = rows.length < rowsAtOnce ? undefined : rows.at(-1);
  } while (last);
}

function textOf(key: unknown) {
  return sql`${key instanceof Date ? key.toISOString() : String(key)}`;
}
