import { and, asc, eq, gt, gte, isNull, lt } from "drizzle-orm";
import { changeRecord, readRecord } from "../database/access.ts";
import { fileMetadata } from "../database/schema/file-metadata.ts";
import { jobs } from "../database/schema/jobs.ts";
import { type Attributes, unmarshall } from "../live/attributes.ts";
import { type Projection, project } from "./project.ts";
import { markRemoved, type Removed } from "./removed.ts";

export type RebuildCounts = Record<Projection, number> & {
  /** Jobs and uploads whose item is gone though the record did not know. */
  missing: number;
};

const noId = "00000000-0000-0000-0000-000000000000";

/**
 * Brings the record to what the live table holds: from its items in any order, as an export or a scan gives them. Into
 * an empty database it makes the rows that the stream would have made; into one that fell behind it adds what is
 * missing. May be broken off and begun anew.
 * @param isWhole the items are all there are: what is not among them is gone from the live plane
 */
export async function rebuild(
  items: AsyncIterable<Attributes>,
  { isWhole = false } = {},
): Promise<RebuildCounts> {
  const startedAt = new Date();
  const counts: RebuildCounts = { recorded: 0, known: 0, skipped: 0, refused: 0, missing: 0 };
  const seen = new Set<string>();
  for await (const attributes of items) {
    const image = unmarshall(attributes);
    if (image.entity === "job") seen.add(String(image.jobId));
    if (image.entity === "upload") seen.add(String(image.uploadId));
    const outcome = await project({
      eventId: `rebuild:${String(image.pk)}/${String(image.sk)}`,
      change: "INSERT",
      newImage: image,
      oldImage: undefined,
      at: startedAt,
      isByExpiry: false,
      raw: attributes,
    });
    counts[outcome]++;
  }
  if (isWhole) counts.missing = await markMissing(seen, startedAt);
  return counts;
}

type Page = { id: string; expiresAt: Date | null }[];

/** Whatever was made while the items were read may be missing among them. Gives how many were found gone. */
async function markMissing(seen: ReadonlySet<string>, startedAt: Date): Promise<number> {
  let marked = 0;
  for (const read of [openJobs, openSources]) {
    for (let after: string | undefined = noId; after !== undefined; ) {
      const page: Page = await read(after, startedAt);
      const gone = page.filter(({ id }) => !seen.has(id));
      for (const { id, expiresAt } of gone) {
        const removal = expiresAt !== null && expiresAt <= startedAt ? "expired" : "deleted";
        await markGone(id, { removedAt: startedAt, removal });
      }
      marked += gone.length;
      after = page.at(-1)?.id;
    }
  }
  return marked;
}

function openJobs(after: string, before: Date): Promise<Page> {
  return readRecord((db) =>
    db
      .select({ id: jobs.id, expiresAt: jobs.expiresAt })
      .from(jobs)
      .where(
        and(gt(jobs.id, after), isNull(jobs.removedAt), lt(jobs.createdAt, before), gte(jobs.version, 1)),
      )
      .orderBy(asc(jobs.id))
      .limit(1_000),
  );
}

function openSources(after: string, before: Date): Promise<Page> {
  const { id, expiresAt, jobId, removedAt, createdAt } = fileMetadata;
  return readRecord((db) =>
    db
      .select({ id, expiresAt })
      .from(fileMetadata)
      .where(and(gt(id, after), isNull(jobId), isNull(removedAt), lt(createdAt, before)))
      .orderBy(asc(id))
      .limit(1_000),
  );
}

/** A job with its files, or a source: ids of one are never the other's. */
export async function markGone(id: string, removed: Removed): Promise<void> {
  await changeRecord(async (tx) => {
    await markRemoved(tx, id, removed);
    await tx
      .update(fileMetadata)
      .set(removed)
      .where(and(eq(fileMetadata.id, id), isNull(fileMetadata.removedAt)));
  });
}
