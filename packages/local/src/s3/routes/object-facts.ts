import * as z from "zod/mini";
import { needBucket } from "../buckets.ts";
import { invalidArgument } from "../errors.ts";
import { type Exchange, sendEmpty, sendXml } from "../exchange.ts";
import { checkTags, storageClass } from "../metadata.ts";
import { needObject, type ObjectRow, piecesOf } from "../objects.ts";
import { pageSize } from "../paging.ts";
import { receiveText } from "../receive.ts";
import type { Store } from "../store.ts";
import { container, parseXml, type XmlValue } from "../xml.ts";

function wanted(store: Store, exchange: Exchange): ObjectRow {
  const { bucket, key, query, response } = exchange;
  const object = needObject(store, exchange, bucket, key, query.get("versionId"));
  if (needBucket(store.database, bucket).versioning) response.setHeader("x-amz-version-id", object.version);
  return object;
}

export function getTagging(store: Store, exchange: Exchange): void {
  const tags = new URLSearchParams(wanted(store, exchange).tags);
  const Tag = [...tags].map(([Key, Value]) => ({ Key, Value }));
  sendXml(exchange, "Tagging", { TagSet: { Tag } });
}

const Tag = z.object({ Key: z.string().check(z.minLength(1)), Value: z.string() });
const Tagging = z.object({ TagSet: container(z.object({ Tag: z.optional(z.array(Tag)) })) });

export async function putTagging(store: Store, exchange: Exchange): Promise<void> {
  const { text } = await receiveText(exchange);
  const { TagSet } = parseXml(text, "Tagging", Tagging);
  const pairs = (TagSet.Tag ?? []).map(({ Key, Value }): [string, string] => [Key, Value]);
  setTags(store, wanted(store, exchange), checkTags(new URLSearchParams(pairs)));
  sendEmpty(exchange);
}

export function deleteTagging(store: Store, exchange: Exchange): void {
  setTags(store, wanted(store, exchange), "");
  sendEmpty(exchange, 204);
}

function setTags({ database }: Store, { seq }: ObjectRow, tags: string): void {
  database.run("update object set tags = ? where seq = ?", tags, seq);
}

export function getAttributes(store: Store, exchange: Exchange): void {
  const object = wanted(store, exchange);
  const asked = (exchange.headers["x-amz-object-attributes"] ?? "").split(",").map((name) => name.trim());
  if (asked.join("") === "")
    throw invalidArgument("The x-amz-object-attributes header is required", "x-amz-object-attributes", "");
  const only = (name: string, value: XmlValue) => (asked.includes(name) ? value : undefined);
  exchange.response.setHeader("Last-Modified", new Date(object.modifiedAt).toUTCString());
  const { checksumAlgorithm, checksum, checksumType, headers, parts } = object;
  sendXml(exchange, "GetObjectAttributesResponse", {
    ETag: only("ETag", object.etag),
    Checksum: only(
      "Checksum",
      checksum ? { [`Checksum${checksumAlgorithm}`]: checksum, ChecksumType: checksumType } : undefined,
    ),
    ObjectParts: only("ObjectParts", parts > 0 ? objectParts(store, exchange, object) : undefined),
    StorageClass: only("StorageClass", storageClass(headers)),
    ObjectSize: only("ObjectSize", object.sizeBytes),
  });
}

function objectParts({ database }: Store, { headers }: Exchange, object: ObjectRow): XmlValue {
  const most = pageSize(new URLSearchParams({ most: headers["x-amz-max-parts"] ?? "" }), "most");
  const after = Number(headers["x-amz-part-number-marker"] ?? 0);
  const rest = piecesOf(database, object.seq).filter((piece) => piece.number > after);
  const page = rest.slice(0, most);
  return {
    PartsCount: object.parts,
    PartNumberMarker: after,
    NextPartNumberMarker: page.at(-1)?.number ?? 0,
    MaxParts: most,
    IsTruncated: rest.length > most,
    // S3 names the parts only of objects uploaded with checksums.
    Part: object.checksumAlgorithm
      ? page.map((piece) => ({
          PartNumber: piece.number,
          Size: piece.sizeBytes,
          [`Checksum${object.checksumAlgorithm}`]: piece.checksum || undefined,
        }))
      : undefined,
  };
}
