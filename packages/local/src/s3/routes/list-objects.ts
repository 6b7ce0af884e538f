import { needBucket } from "../buckets.ts";
import { encodeKey, isoTime, quoted } from "../encoding.ts";
import { invalidArgument } from "../errors.ts";
import { type Exchange, sendXml } from "../exchange.ts";
import { listPage, type Page, positionAfter } from "../listing.ts";
import { storageClass } from "../metadata.ts";
import { findObject, type ObjectRow } from "../objects.ts";
import { OWNER, pageSize } from "../paging.ts";
import type { Store } from "../store.ts";
import type { XmlValue } from "../xml.ts";

function frame({ bucket, query }: Exchange) {
  const encoded = query.get("encoding-type") === "url";
  return {
    bucket,
    prefix: query.get("prefix") ?? "",
    delimiter: query.get("delimiter") ?? "",
    most: pageSize(query, "max-keys"),
    shown: encoded ? encodeKey : (key: string) => key,
    encodingType: encoded ? "url" : undefined,
  };
}
type Frame = ReturnType<typeof frame>;

const common = ({ bucket, prefix, delimiter, most, shown, encodingType }: Frame, page: Page) => ({
  Name: bucket,
  Prefix: shown(prefix),
  Delimiter: delimiter ? shown(delimiter) : undefined,
  MaxKeys: most,
  EncodingType: encodingType,
  IsTruncated: page.truncatedAt !== null,
  CommonPrefixes: page.prefixes.map((prefix) => ({ Prefix: shown(prefix) })),
});

const contents = (object: ObjectRow, { shown }: Frame): { [name: string]: XmlValue } => ({
  Key: shown(object.key),
  LastModified: isoTime(object.modifiedAt),
  ETag: quoted(object.etag),
  ChecksumAlgorithm: object.checksumAlgorithm || undefined,
  ChecksumType: object.checksumType || undefined,
  Size: object.sizeBytes,
  StorageClass: storageClass(object.headers),
});

export function listObjectsV1(store: Store, exchange: Exchange): void {
  needBucket(store.database, exchange.bucket);
  const asked = frame(exchange);
  const marker = exchange.query.get("marker") ?? "";
  const start = positionAfter(marker, asked.prefix, asked.delimiter);
  const page = listPage(store.database, { ...asked, versions: false }, start);
  // S3 gives NextMarker only with a delimiter; else the last key serves.
  const next = asked.delimiter ? page.truncatedAt?.key : undefined;
  sendXml(exchange, "ListBucketResult", {
    ...common(asked, page),
    Marker: asked.shown(marker),
    NextMarker: next === undefined ? undefined : asked.shown(next),
    Contents: page.objects.map((object) => ({ ...contents(object, asked), Owner: OWNER })),
  });
}

export function listObjectsV2(store: Store, exchange: Exchange): void {
  const { query } = exchange;
  needBucket(store.database, exchange.bucket);
  const asked = frame(exchange);
  const token = query.get("continuation-token");
  const startAfter = query.get("start-after") ?? "";
  const marker = token === null ? startAfter : readToken(token);
  const start = positionAfter(marker, asked.prefix, token === null ? "" : asked.delimiter);
  const page = listPage(store.database, { ...asked, versions: false }, start);
  const owner = query.get("fetch-owner") === "true" ? { Owner: OWNER } : {};
  sendXml(exchange, "ListBucketResult", {
    ...common(asked, page),
    KeyCount: page.objects.length + page.prefixes.length,
    ContinuationToken: token ?? undefined,
    NextContinuationToken: page.truncatedAt
      ? Buffer.from(page.truncatedAt.key).toString("base64url")
      : undefined,
    StartAfter: startAfter ? asked.shown(startAfter) : undefined,
    Contents: page.objects.map((object) => ({ ...contents(object, asked), ...owner })),
  });
}

function readToken(token: string): string {
  const key = Buffer.from(token, "base64url").toString();
  if (Buffer.from(key).toString("base64url") === token && key !== "") return key;
  throw invalidArgument("The continuation token provided is incorrect", "continuation-token", token);
}

export function listVersions(store: Store, exchange: Exchange): void {
  const { query, bucket } = exchange;
  needBucket(store.database, bucket);
  const asked = frame(exchange);
  const keyMarker = query.get("key-marker") ?? "";
  const versionMarker = query.get("version-id-marker") ?? "";
  if (versionMarker && !keyMarker)
    throw invalidArgument(
      "A version-id marker cannot be specified without a key marker.",
      "version-id-marker",
      versionMarker,
    );
  const within = versionMarker ? findObject(store.database, bucket, keyMarker, versionMarker) : undefined;
  const start = within
    ? { key: keyMarker, belowSeq: within.seq }
    : positionAfter(keyMarker, asked.prefix, asked.delimiter);
  const page = listPage(store.database, { ...asked, versions: true }, start);
  const next = page.truncatedAt;
  const identity = ({ version, latest }: ObjectRow) => ({
    VersionId: version,
    IsLatest: latest === 1,
    Owner: OWNER,
  });
  const version = (object: ObjectRow) => ({ ...contents(object, asked), ...identity(object) });
  const marker = (object: ObjectRow) => ({
    Key: asked.shown(object.key),
    LastModified: isoTime(object.modifiedAt),
    ...identity(object),
  });
  sendXml(exchange, "ListVersionsResult", {
    ...common(asked, page),
    KeyMarker: asked.shown(keyMarker),
    VersionIdMarker: versionMarker,
    NextKeyMarker: next ? asked.shown(next.key) : undefined,
    NextVersionIdMarker: next?.version || undefined,
    Version: page.objects.filter((object) => !object.marker).map(version),
    DeleteMarker: page.objects.filter((object) => object.marker).map(marker),
  });
}
