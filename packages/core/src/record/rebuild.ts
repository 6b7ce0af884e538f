import { and, asc, gt, gte, inArray, isNull, lt } from "drizzle-orm";
import { changeRecord, readRecord } from "../database/access.ts";
import { jobs } from "../database/schema/jobs.ts";
import { type Attributes, unmarshall } from "../live/attributes.ts";
import { type Projection, project } from "./project.ts";

export type RebuildCounts = Record<Projection, number> & {
  /** Jobs whose item is gone though the record did not know. */
  missing: number;
};

const noId = "00000000-0000-0000-0000-000000000000";

/**
 * Brings the record to what the live table holds: from its items in any order, as an export or a scan gives them. Into
 * an empty database it makes the rows that the stream would have made; into one that fell behind it adds what is
 * missing. May be broken off and begun anew.
 * @param isWhole the items are all there are: jobs that are not among them are gone from the live plane
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

/** Whatever was made while the items were read may be missing among them. */
async function markMissing(seen: ReadonlySet<string>, startedAt: Date): Promise<number> {
  let marked = 0;
  for (let after = noId; ; ) {
    const page = await readRecord((db) =>
      db
        .select({ id: jobs.id, expiresAt: jobs.expiresAt })
        .from(jobs)
        .where(
          and(
            gt(jobs.id, after),
            isNull(jobs.removedAt),
            lt(jobs.createdAt, startedAt),
            gte(jobs.version, 1),
          ),
        )
        .orderBy(asc(jobs.id))
        .limit(1_000),
    );
    const gone = page.filter(({ id }) => !seen.has(id));
    for (const removal of ["expired", "deleted"] as const) {
      const hasExpired = (expiresAt: Date | null) => expiresAt !== null && expiresAt <= startedAt;
      const ids = gone
        .filter(({ expiresAt }) => hasExpired(expiresAt) === (removal === "expired"))
        .map(({ id }) => id);
      if (ids.length === 0) continue;
      await changeRecord((tx) =>
        tx.update(jobs).set({ removedAt: startedAt, removal }).where(inArray(jobs.id, ids)),
      );
    }
    marked += gone.length;
    const last = page.at(-1);
    if (!last) return marked;
    after = last.id;
  }
}
