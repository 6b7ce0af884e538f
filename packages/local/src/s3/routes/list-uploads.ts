import { needBucket } from "../buckets.ts";
import { checksumElement } from "../checksums.ts";
import { encodeKey, isoTime, quoted } from "../encoding.ts";
import { type Exchange, sendXml } from "../exchange.ts";
import { storageClass } from "../metadata.ts";
import { afterPrefix, OWNER, pageSize } from "../paging.ts";
import type { Store } from "../store.ts";
import { needUpload, partsOf, Upload } from "../uploads.ts";

export function listParts(store: Store, exchange: Exchange): void {
  const { bucket, key, query } = exchange;
  const upload = needUpload(store.database, bucket, key, query.get("uploadId") ?? "");
  const most = pageSize(query, "max-parts");
  const after = Number(query.get("part-number-marker") ?? 0);
  const found = partsOf(store.database, upload.id, after, most + 1);
  const parts = found.slice(0, most);
  const { checksumAlgorithm: algorithm, checksumType } = upload;
  const truncated = found.length > most;
  sendXml(exchange, "ListPartsResult", {
    Bucket: bucket,
    Key: key,
    UploadId: upload.id,
    Initiator: OWNER,
    Owner: OWNER,
    StorageClass: storageClass(upload.headers),
    PartNumberMarker: after,
    // S3 gives the last number also on the last page, where nothing follows it.
    NextPartNumberMarker: parts.at(-1)?.number ?? 0,
    MaxParts: most,
    IsTruncated: truncated,
    ChecksumAlgorithm: algorithm || undefined,
    ChecksumType: checksumType || undefined,
    Part: parts.map((part) => ({
      PartNumber: part.number,
      LastModified: isoTime(part.modifiedAt),
      ETag: quoted(part.md5),
      Size: part.sizeBytes,
      ...(algorithm ? { [checksumElement(algorithm)]: part.checksum } : {}),
    })),
  });
}

export function listUploads(store: Store, exchange: Exchange): void {
  const { bucket, query } = exchange;
  needBucket(store.database, bucket);
  const most = pageSize(query, "max-uploads");
  const prefix = query.get("prefix") ?? "";
  const keyMarker = query.get("key-marker") ?? "";
  const idMarker = query.get("upload-id-marker") ?? "";
  const shown = query.get("encoding-type") === "url" ? encodeKey : (key: string) => key;
  // Without an id marker the marker's own key is past; with one its later uploads still come.
  const found = store.database.all(
    Upload,
    `select * from upload where bucket = ?1 and key >= ?2 and (?3 is null or key < ?3)
       and (key > ?4 or (key = ?4 and ?5 <> '' and id > ?5)) order by key, id limit ?6`,
    bucket,
    prefix,
    afterPrefix(prefix),
    keyMarker,
    idMarker,
    most + 1,
  );
  const uploads = found.slice(0, most);
  const last = found.length > most ? uploads.at(-1) : undefined;
  sendXml(exchange, "ListMultipartUploadsResult", {
    Bucket: bucket,
    KeyMarker: shown(keyMarker),
    UploadIdMarker: idMarker,
    NextKeyMarker: last && shown(last.key),
    NextUploadIdMarker: last?.id,
    Prefix: shown(prefix),
    EncodingType: query.get("encoding-type") ?? undefined,
    MaxUploads: most,
    IsTruncated: last !== undefined,
    Upload: uploads.map((upload) => ({ Key: shown(upload.key), ...listed(upload) })),
  });
}

const listed = (upload: Upload) => ({
  UploadId: upload.id,
  Initiator: OWNER,
  Owner: OWNER,
  StorageClass: storageClass(upload.headers),
  Initiated: isoTime(upload.createdAt),
  ChecksumAlgorithm: upload.checksumAlgorithm || undefined,
  ChecksumType: upload.checksumType || undefined,
});
