import { needBucket } from "../buckets.ts";
import { checksumHeader } from "../checksums.ts";
import { checkWritable } from "../conditions.ts";
import { quoted } from "../encoding.ts";
import { type Exchange, sendEmpty } from "../exchange.ts";
import { headerTags, storedHeaders } from "../metadata.ts";
import { recordEvent } from "../notifications.ts";
import { insertObject, liveObject, type Written } from "../objects.ts";
import { receiveBlob } from "../receive.ts";
import { commit, type Store } from "../store.ts";

export async function putObject(store: Store, exchange: Exchange): Promise<void> {
  const { bucket, key, headers, response } = exchange;
  needBucket(store.database, bucket);
  const kept = { headers: storedHeaders(headers), tags: headerTags(headers) };
  const body = await receiveBlob(exchange, store.blobs);
  const { sizeBytes, md5, checksum, blob } = body;
  const work = (change: Parameters<typeof insertObject>[1]): Written => {
    checkWritable(headers, key, liveObject(store.database, bucket, key));
    const written = insertObject(store, change, {
      ...kept,
      bucket,
      key,
      sizeBytes,
      etag: md5,
      parts: 0,
      checksumAlgorithm: checksum?.algorithm ?? "",
      checksumType: checksum ? "FULL_OBJECT" : "",
      checksum: checksum?.value ?? "",
      pieces: [{ blob, startByte: 0, sizeBytes, checksum: "" }],
    });
    const version = written.versioned ? written.version : null;
    recordEvent(store, exchange, { name: "ObjectCreated:Put", key, sizeBytes, etag: md5, version });
    return written;
  };
  const written = await commit(store, work, blob);
  response.setHeader("ETag", quoted(md5));
  if (written.versioned) response.setHeader("x-amz-version-id", written.version);
  if (checksum) {
    response.setHeader(checksumHeader(checksum.algorithm), checksum.value);
    response.setHeader("x-amz-checksum-type", "FULL_OBJECT");
  }
  sendEmpty(exchange);
}
