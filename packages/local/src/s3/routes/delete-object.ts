import * as z from "zod/mini";
import { needBucket } from "../buckets.ts";
import { announcedChecksum } from "../checksums.ts";
import { checkWritable } from "../conditions.ts";
import { invalidRequest, malformedXml } from "../errors.ts";
import { type Exchange, sendEmpty, sendXml } from "../exchange.ts";
import { recordEvent } from "../notifications.ts";
import { findObject, insertMarker, liveObject, removeVersion } from "../objects.ts";
import { receiveText } from "../receive.ts";
import { type Change, commit, type Store } from "../store.ts";
import { parseXml, type XmlValue } from "../xml.ts";

type Removed = { version: string | null; marker: boolean };

export async function deleteObject(store: Store, exchange: Exchange): Promise<void> {
  const { key, query, bucket, headers, response } = exchange;
  const { version, marker } = await commit(store, (change) => {
    if (headers["if-match"] !== undefined)
      checkWritable(headers, key, liveObject(store.database, bucket, key));
    return remove(store, exchange, change, key, query.get("versionId"));
  });
  if (version) response.setHeader("x-amz-version-id", version);
  if (marker) response.setHeader("x-amz-delete-marker", "true");
  sendEmpty(exchange, 204);
}

/** Removes the named version, or else hides the key behind a marker (versioned) or removes it. In a transaction. */
function remove(
  store: Store,
  exchange: Exchange,
  change: Change,
  key: string,
  version: string | null,
): Removed {
  const { bucket } = exchange;
  exchange.removed.push({ key, versionId: version });
  const { versioning } = needBucket(store.database, bucket);
  if (version === null && versioning) {
    const marker = insertMarker(store, change, bucket, key);
    const facts = { key, sizeBytes: null, etag: "d41d8cd98f00b204e9800998ecf8427e", version: marker.version };
    recordEvent(store, exchange, { name: "ObjectRemoved:DeleteMarkerCreated", ...facts });
    return { version: marker.version, marker: true };
  }
  const found = findObject(store.database, bucket, key, version ?? "null");
  if (!found) return { version, marker: false };
  removeVersion(store, change, found);
  const removed = versioning ? found.version : null;
  recordEvent(store, exchange, {
    name: "ObjectRemoved:Delete",
    key,
    sizeBytes: null,
    etag: null,
    version: removed,
  });
  return { version, marker: found.marker === 1 };
}

const DeleteRequest = z.object({
  Quiet: z.optional(z.string()),
  Object: z.array(z.object({ Key: z.string().check(z.minLength(1)), VersionId: z.optional(z.string()) })),
});
const MOST_KEYS = 1000;

export async function deleteObjects(store: Store, exchange: Exchange): Promise<void> {
  const { bucket, headers } = exchange;
  needBucket(store.database, bucket);
  if (!headers["content-md5"] && !announcedChecksum(headers) && !headers["x-amz-trailer"])
    throw invalidRequest("Missing required header for this request: Content-MD5 OR x-amz-checksum-*");
  const { text } = await receiveText(exchange);
  const request = parseXml(text, "Delete", DeleteRequest);
  if (request.Object.length === 0 || request.Object.length > MOST_KEYS) throw malformedXml();
  const Deleted: XmlValue[] = [];
  await commit(store, (change) => {
    for (const { Key, VersionId } of request.Object) {
      const removed = remove(store, exchange, change, Key, VersionId ?? null);
      const marker = removed.marker
        ? { DeleteMarker: true, DeleteMarkerVersionId: removed.version ?? undefined }
        : {};
      Deleted.push({ Key, VersionId, ...marker });
    }
  });
  sendXml(exchange, "DeleteResult", request.Quiet === "true" ? {} : { Deleted });
}
