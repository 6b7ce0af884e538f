import { needBucket } from "../buckets.ts";
import { checksumElement, checksumOf, parseAlgorithm } from "../checksums.ts";
import { checkWritable } from "../conditions.ts";
import { copyBytes, copySource } from "../copy.ts";
import { isoTime, quoted } from "../encoding.ts";
import { invalidRequest } from "../errors.ts";
import { type Exchange, sendXml } from "../exchange.ts";
import { headerTags, storedHeaders } from "../metadata.ts";
import { recordEvent } from "../notifications.ts";
import { type Draft, insertObject, liveObject, type ObjectRow, piecesOf } from "../objects.ts";
import { commit, type Store } from "../store.ts";

export async function copyObject(store: Store, exchange: Exchange): Promise<void> {
  const { bucket, key, headers, response } = exchange;
  needBucket(store.database, bucket);
  const source = copySource(store, exchange);
  const draft = await copied(store, exchange, source);
  const { sizeBytes, etag, checksumAlgorithm: algorithm, checksum } = draft;
  const written = await commit(
    store,
    (change) => {
      checkWritable(headers, key, liveObject(store.database, bucket, key));
      const inserted = insertObject(store, change, draft);
      const version = inserted.versioned ? inserted.version : null;
      recordEvent(store, exchange, { name: "ObjectCreated:Copy", key, sizeBytes, etag, version });
      return inserted;
    },
    draft.pieces[0]?.blob,
  );
  if (written.versioned) response.setHeader("x-amz-version-id", written.version);
  if (needBucket(store.database, source.bucket).versioning)
    response.setHeader("x-amz-copy-source-version-id", source.version);
  sendXml(exchange, "CopyObjectResult", {
    LastModified: isoTime(written.modifiedAt),
    ETag: quoted(etag),
    ...(algorithm ? { [checksumElement(algorithm)]: checksum, ChecksumType: "FULL_OBJECT" } : {}),
  });
}

async function copied(store: Store, exchange: Exchange, source: ObjectRow): Promise<Draft> {
  const { bucket, key, headers } = exchange;
  const replacing = headers["x-amz-metadata-directive"] === "REPLACE";
  refuseNoChange(exchange, source, replacing);
  const kept = {
    headers: replacing ? storedHeaders(headers) : source.headers,
    tags: headers["x-amz-tagging-directive"] === "REPLACE" ? headerTags(headers) : source.tags,
  };
  const wanted = headers["x-amz-checksum-algorithm"] ?? source.checksumAlgorithm;
  const algorithm = wanted ? parseAlgorithm(wanted) : "";
  const whole = { first: 0, last: source.sizeBytes - 1 };
  const copy = await copyBytes(store, piecesOf(store.database, source.seq), whole, algorithm);
  const { sizeBytes, md5, blob } = copy;
  return {
    ...kept,
    bucket,
    key,
    sizeBytes,
    etag: md5,
    parts: 0,
    checksumAlgorithm: algorithm,
    checksumType: algorithm && "FULL_OBJECT",
    checksum: algorithm && checksumOf(copy, algorithm),
    pieces: [{ blob, startByte: 0, sizeBytes, checksum: "" }],
  };
}

function refuseNoChange({ bucket, key, headers }: Exchange, source: ObjectRow, replacing: boolean): void {
  const same = source.bucket === bucket && source.key === key && source.latest === 1;
  if (same && !replacing && !headers["x-amz-storage-class"])
    throw invalidRequest(
      "This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata, storage class, website redirect location or encryption attributes.",
    );
}
