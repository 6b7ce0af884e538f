import { unquoted } from "./encoding.ts";
import { noSuchKey, preconditionFailed, S3Error } from "./errors.ts";
import type { Headers } from "./exchange.ts";
import type { ObjectRow } from "./objects.ts";

const named = (list: string, etag: string) =>
  list.split(",").some((item) => item.trim() === "*" || unquoted(item) === etag);

// HTTP dates have whole seconds.
const modifiedSecond = (object: ObjectRow) => Math.floor(object.modifiedAt / 1000) * 1000;

/** The conditions of a GET, HEAD or (with prefix `x-amz-copy-source-`) of a copy's source.
 * @throws PreconditionFailed 412, NotModified 304 (never for a copy) */
export function checkReadable(
  headers: Headers,
  object: ObjectRow,
  prefix: "" | "x-amz-copy-source-" = "",
): void {
  const match = headers[`${prefix}if-match`];
  const unmodifiedSince = headers[`${prefix}if-unmodified-since`];
  // A matching ETag settles it: RFC 9110 then ignores the date.
  if (match !== undefined && !named(match, object.etag)) throw preconditionFailed("If-Match");
  if (match === undefined && unmodifiedSince && modifiedSecond(object) > Date.parse(unmodifiedSince))
    throw preconditionFailed("If-Unmodified-Since");
  const noneMatch = headers[`${prefix}if-none-match`];
  const modifiedSince = headers[`${prefix}if-modified-since`];
  if (noneMatch !== undefined) {
    if (named(noneMatch, object.etag)) throw prefix ? preconditionFailed("If-None-Match") : notModified();
    return;
  }
  if (modifiedSince && modifiedSecond(object) <= Date.parse(modifiedSince))
    throw prefix ? preconditionFailed("If-Modified-Since") : notModified();
}

const notModified = () => new S3Error("NotModified", 304, "Not Modified");

/** The conditions of PUT, Complete and DELETE, against what is there at that instant.
 * @throws PreconditionFailed, NoSuchKey (If-Match on nothing) */
export function checkWritable(headers: Headers, key: string, present: ObjectRow | undefined): void {
  const match = headers["if-match"];
  const noneMatch = headers["if-none-match"];
  if (match !== undefined && !present) throw noSuchKey(key);
  if (match !== undefined && present && !named(match, present.etag)) throw preconditionFailed("If-Match");
  if (noneMatch !== undefined && present && named(noneMatch, present.etag))
    throw preconditionFailed("If-None-Match");
}

export type ByteRange = { first: number; last: number };

/** The range a header asks for; null where HTTP says to ignore it (malformed, or several). @throws InvalidRange 416 */
export function parseRange(header: string | undefined, sizeBytes: number): ByteRange | null {
  const found = /^bytes=(\d*)-(\d*)$/.exec(header?.trim() ?? "");
  const [, from = "", to = ""] = found ?? [];
  if (!found || (from === "" && to === "")) return null;
  if (from !== "" && to !== "" && Number(to) < Number(from)) return null;
  const first = from === "" ? Math.max(0, sizeBytes - Number(to)) : Number(from);
  const last = from === "" || to === "" ? sizeBytes - 1 : Math.min(Number(to), sizeBytes - 1);
  if (first > last)
    throw new S3Error("InvalidRange", 416, "The requested range is not satisfiable", {
      RangeRequested: header ?? "",
      ActualObjectSize: sizeBytes,
    });
  return { first, last };
}

/** Whether `If-Range` lets a range be served: else the object has changed and its whole is due. */
export function rangeHolds(headers: Headers, object: ObjectRow): boolean {
  const condition = headers["if-range"];
  if (condition === undefined) return true;
  return condition.startsWith('"')
    ? unquoted(condition) === object.etag
    : Date.parse(condition) === modifiedSecond(object);
}
