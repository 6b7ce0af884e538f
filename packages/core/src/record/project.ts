import * as z from "zod/mini";
import { changeRecord, type Transaction } from "../database/access.ts";
import { isByRecord, refusedBySchema } from "../database/failures.ts";
import { refusedRecords } from "../database/schema/refused-records.ts";
import { EventItem, JobItem } from "../jobs/items.ts";
import { IllegalTransition } from "../jobs/transitions.ts";
import { UploadItem } from "../uploads/item.ts";
import { addEvent } from "./early-events.ts";
import { recordJob } from "./job.ts";
import { removedOf } from "./removed.ts";
import { eventRow } from "./rows.ts";
import type { StreamRecord } from "./stream-record.ts";
import { storable } from "./text.ts";
import { recordUpload } from "./upload.ts";

/**
 * What became of a record: `recorded`; `known` already, by it or by a newer one; `skipped`: nothing that the record
 * keeps; `refused`: it cannot be true, and is kept for a person to look at.
 */
export type Projection = "recorded" | "known" | "skipped" | "refused";

type Change = (tx: Transaction) => Promise<boolean>;

/**
 * Takes one change of the live table into Postgres, in one transaction. Done again, or after a newer one, it changes
 * nothing. Throws `ApiError` service.unavailable where Postgres is away: give the record again later.
 */
export async function project(record: StreamRecord): Promise<Projection> {
  try {
    if (record.fault !== undefined) throw new TypeError(record.fault);
    const change = changeOf(record);
    if (!change) return "skipped";
    return (await changeRecord(change)) ? "recorded" : "known";
  } catch (error) {
    const refusal = refusalOf(error);
    if (!refusal) throw error;
    await refuse(record, refusal);
    return "refused";
  }
}

/** What a record changes, if anything: told before any question is asked of Postgres. */
function changeOf(record: StreamRecord): Change | undefined {
  const image = record.newImage ?? record.oldImage;
  if (image?.entity === "job") return jobChange(record, image);
  if (image?.entity === "upload") return uploadChange(record, image);
  if (image?.entity === "event" && record.change === "INSERT") {
    const item = EventItem.parse(image);
    return (tx) => addEvent(tx, item.userId, eventRow(item));
  }
  return undefined;
}

function jobChange(record: StreamRecord, image: Record<string, unknown>): Change | undefined {
  // A heartbeat: it renews a lease and is worth nothing a second later.
  if (record.change === "MODIFY" && record.oldImage?.version === image.version) return undefined;
  const item = JobItem.parse(image);
  const removed = record.change === "REMOVE" ? removedOf(record, item) : undefined;
  return (tx) => recordJob(tx, item, removed);
}

function uploadChange(record: StreamRecord, image: Record<string, unknown>): Change | undefined {
  if (image.status !== "completed") return undefined;
  const item = UploadItem.parse(image);
  const removed = record.change === "REMOVE" ? removedOf(record, item) : undefined;
  return (tx) => recordUpload(tx, item, removed);
}

type Refusal = Pick<typeof refusedRecords.$inferInsert, "reason" | "detail">;

function refusalOf(error: unknown): Refusal | undefined {
  const detail = String(error);
  if (error instanceof IllegalTransition) return { reason: "illegal_transition", detail };
  if (error instanceof z.core.$ZodError || isByRecord(error)) return { reason: "unreadable", detail };
  const refused = refusedBySchema(error);
  if (!refused) return undefined;
  if (refused.constraint === "jobs_moves") return { reason: "illegal_transition", detail };
  return { reason: "constraint", detail: `${refused.code} ${refused.constraint ?? ""} ${detail}` };
}

async function refuse({ eventId, raw }: StreamRecord, refusal: Refusal): Promise<void> {
  const row = storable({ eventId, record: raw, ...refusal });
  await changeRecord((tx) => tx.insert(refusedRecords).values(row).onConflictDoNothing());
}
