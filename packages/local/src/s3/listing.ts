import type { Database } from "./database.ts";
import { ObjectRow } from "./objects.ts";
import { afterKey, afterPrefix } from "./paging.ts";

/** Where a page begins: at keys from `key` on, or within `key` at versions older than `belowSeq`. */
export type Position = { key: string; belowSeq: number | null };

export type Page = {
  objects: ObjectRow[];
  prefixes: string[];
  /** The last key or common prefix on the page, when more follow. */
  truncatedAt: { key: string; version: string } | null;
};

type Query = { bucket: string; prefix: string; delimiter: string; most: number; versions: boolean };

/** Keys in UTF-8 order, each run that shares a delimiter folded into one common prefix; both count towards `most`. */
export function listPage(database: Database, query: Query, start: Position | null): Page {
  const { prefix, delimiter, most } = query;
  const page: Page = { objects: [], prefixes: [], truncatedAt: null };
  let last = { key: "", version: "" };
  let from = start;
  if (most === 0) return page;
  while (from) {
    const at: Position = from;
    from = null;
    for (const object of rowsFrom(database, query, at)) {
      if (page.objects.length + page.prefixes.length >= most) return { ...page, truncatedAt: last };
      const end = delimiter ? object.key.indexOf(delimiter, prefix.length) : -1;
      if (end < 0) {
        page.objects.push(object);
        last = { key: object.key, version: object.version };
        continue;
      }
      const common = object.key.slice(0, end + delimiter.length);
      page.prefixes.push(common);
      last = { key: common, version: "" };
      // Jump over what the prefix hides, instead of reading it row by row.
      const next = afterPrefix(common);
      from = next === null ? null : { key: next, belowSeq: null };
      break;
    }
  }
  return page;
}

function rowsFrom(database: Database, query: Query, { key, belowSeq }: Position): Generator<ObjectRow> {
  const { bucket, prefix, versions } = query;
  const from = isAfter(key, prefix) ? key : prefix;
  const end = afterPrefix(prefix);
  if (!versions)
    return database.iterate(
      ObjectRow,
      `select * from object where bucket = ?1 and latest = 1 and marker = 0 and key >= ?2 and (?3 is null or key < ?3)
         order by key`,
      bucket,
      from,
      end,
    );
  return database.iterate(
    ObjectRow,
    `select * from object where bucket = ?1 and key >= ?2 and (?3 is null or key < ?3)
       and (key > ?4 or ?5 is null or seq < ?5) order by key, seq desc`,
    bucket,
    from,
    end,
    key,
    belowSeq,
  );
}

const isAfter = (a: string, b: string) => Buffer.compare(Buffer.from(a), Buffer.from(b)) > 0;

/** Where to go on after a marker, which may itself be a common prefix of the page before; null: nothing can follow. */
export function positionAfter(marker: string, prefix: string, delimiter: string): Position | null {
  if (marker === "") return { key: "", belowSeq: null };
  const isCommon =
    delimiter !== "" &&
    marker.startsWith(prefix) &&
    marker.length > prefix.length &&
    marker.indexOf(delimiter, prefix.length) === marker.length - delimiter.length;
  const key = isCommon ? afterPrefix(marker) : afterKey(marker);
  return key === null ? null : { key, belowSeq: null };
}
