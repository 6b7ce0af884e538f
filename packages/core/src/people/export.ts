import type { UserId } from "@t2m/contract/ids";
import { exportKey } from "@t2m/contract/keys";
import type { DataExport } from "@t2m/contract/people";
import { eq } from "drizzle-orm";
import { v7 } from "uuid";
import { changeRecord, type Database, readRecord } from "../database/access.ts";
import { activityLog } from "../database/schema/activity-log.ts";
import { batches } from "../database/schema/batches.ts";
import { fileMetadata, shareLinks } from "../database/schema/file-metadata.ts";
import { jobs } from "../database/schema/jobs.ts";
import { permissions } from "../database/schema/permissions.ts";
import { sessions } from "../database/schema/sessions.ts";
import { usageDaily } from "../database/schema/usage.ts";
import { users } from "../database/schema/users.ts";
import { putObject } from "../storage/objects.ts";
import { signDownload } from "../storage/presign.ts";
import { note } from "./activity.ts";

/** Everything that has an owner, by the name it has in the export. */
const kept = {
  profile: { table: users, owner: users.id },
  permissions: { table: permissions, owner: permissions.userId },
  sessions: { table: sessions, owner: sessions.userId },
  activity: { table: activityLog, owner: activityLog.userId },
  usage: { table: usageDaily, owner: usageDaily.userId },
  batches: { table: batches, owner: batches.userId },
  jobs: { table: jobs, owner: jobs.userId },
  files: { table: fileMetadata, owner: fileMetadata.userId },
  shares: { table: shareLinks, owner: shareLinks.userId },
} as const;

/**
 * All that is recorded of somebody, as one JSON document in `temp`, which forgets it within days, behind a URL for a
 * quarter of an hour. The files themselves are fetched one by one.
 */
export async function exportData(userId: UserId): Promise<DataExport> {
  const body = JSON.stringify(await readRecord((db) => gathered(db, userId)));
  const ref = { bucket: "temp", key: exportKey(userId, v7()) } as const;
  const contentType = "application/json";
  await putObject({ ...ref, body, contentType });
  await changeRecord((tx) => note(tx, { userId, actorId: userId, action: "account.exported" }));
  const { url, expiresAt } = signDownload(ref, { fileName: "my-data.json", contentType, use: "download" });
  return { url, sizeBytes: Buffer.byteLength(body), expiresAt: expiresAt.toISOString() };
}

async function gathered(db: Database, userId: UserId): Promise<Record<string, unknown[]>> {
  const found: Record<string, unknown[]> = {};
  for (const [name, { table, owner }] of Object.entries(kept)) {
    const rows: Record<string, unknown>[] = await db.select().from(table).where(eq(owner, userId));
    // The digest of a link's secret is ours, not theirs.
    found[name] = rows.map(({ secretHash: _, ...row }) => row);
  }
  return found;
}
