import { randomBytes } from "node:crypto";
import * as z from "zod/mini";
import type { Piece } from "./blobs.ts";
import { needBucket } from "./buckets.ts";
import type { Algorithm, ChecksumType } from "./checksums.ts";
import type { Database } from "./database.ts";
import { accessDenied, noSuchKey, S3Error } from "./errors.ts";
import type { Exchange } from "./exchange.ts";
import type { Change, Store } from "./store.ts";

export const ObjectRow = z.object({
  seq: z.number(),
  bucket: z.string(),
  key: z.string(),
  version: z.string(),
  latest: z.number(),
  marker: z.number(),
  sizeBytes: z.number(),
  etag: z.string(),
  modifiedAt: z.number(),
  /** JSON */
  headers: z.string(),
  /** As a query string. */
  tags: z.string(),
  /** How many parts it was uploaded in; 0 for a single PUT. */
  parts: z.number(),
  checksumAlgorithm: z.string(),
  checksumType: z.string(),
  checksum: z.string(),
});
export type ObjectRow = z.infer<typeof ObjectRow>;

const PieceRow = z.object({
  number: z.number(),
  blob: z.string(),
  startByte: z.number(),
  sizeBytes: z.number(),
  /** In the upload's algorithm; empty where it has none. */
  checksum: z.string(),
});
export type PieceRow = z.infer<typeof PieceRow>;

export type Draft = {
  bucket: string;
  key: string;
  sizeBytes: number;
  etag: string;
  headers: string;
  tags: string;
  parts: number;
  checksumAlgorithm: Algorithm | "";
  checksumType: ChecksumType | "";
  checksum: string;
  pieces: (Piece & { checksum: string })[];
};

export type Written = {
  seq: number;
  version: string;
  modifiedAt: number;
  /** Whether S3 would name the version in its answer. */
  versioned: boolean;
};

export const findObject = (
  database: Database,
  bucket: string,
  key: string,
  version: string | null = null,
): ObjectRow | undefined =>
  version
    ? database.get(
        ObjectRow,
        "select * from object where bucket = ? and key = ? and version = ?",
        bucket,
        key,
        version,
      )
    : database.get(
        ObjectRow,
        "select * from object where bucket = ? and key = ? and latest = 1",
        bucket,
        key,
      );

/** The object as a reader sees it, or nothing when it is absent or its latest version is a delete marker. */
export function liveObject(database: Database, bucket: string, key: string): ObjectRow | undefined {
  const found = findObject(database, bucket, key);
  return found?.marker ? undefined : found;
}

/** @throws NoSuchBucket, NoSuchKey (AccessDenied where that is hidden), NoSuchVersion, MethodNotAllowed (a delete marker named by its version) */
export function needObject(
  store: Store,
  { response, hidesMissing }: Exchange,
  bucket: string,
  key: string,
  version: string | null,
): ObjectRow {
  needBucket(store.database, bucket);
  const found = findObject(store.database, bucket, key, version);
  if (!found && version)
    throw new S3Error("NoSuchVersion", 404, "The specified version does not exist.", {
      Key: key,
      VersionId: version,
    });
  if (!found) throw hidesMissing ? accessDenied() : noSuchKey(key);
  if (!found.marker) return found;
  response.setHeader("x-amz-delete-marker", "true");
  response.setHeader("x-amz-version-id", found.version);
  if (!version) throw hidesMissing ? accessDenied() : noSuchKey(key);
  response.setHeader("Allow", "DELETE");
  throw new S3Error("MethodNotAllowed", 405, "The specified method is not allowed against this resource.", {
    Method: "GET",
    ResourceType: "DeleteMarker",
  });
}

const PIECES = "select number, blob, startByte, sizeBytes, checksum from piece where object = ?";

export const piecesOf = (database: Database, seq: number): PieceRow[] =>
  database.all(PieceRow, `${PIECES} order by number`, seq);

/** Those that hold bytes `first` to `last`: a reader of ranges must not pay for 10,000 parts each time. */
export const piecesWithin = (database: Database, seq: number, first: number, last: number): PieceRow[] =>
  database.all(
    PieceRow,
    `${PIECES} and startByte <= ? and startByte + sizeBytes > ? order by number`,
    seq,
    last,
    first,
  );

export const pieceNumbered = (database: Database, seq: number, number: number): PieceRow | undefined =>
  database.get(PieceRow, `${PIECES} and number = ?`, seq, number);

/** Makes this the latest version; without versioning it takes the place of the one before. In a transaction. */
export function insertObject({ database }: Store, change: Change, draft: Draft): Written {
  const written = insertVersion(database, change, draft, 0);
  draft.pieces.forEach((piece, index) => {
    database.run(
      "insert into piece(object, number, blob, startByte, sizeBytes, checksum) values(?, ?, ?, ?, ?, ?)",
      written.seq,
      index + 1,
      piece.blob,
      piece.startByte,
      piece.sizeBytes,
      piece.checksum,
    );
  });
  return written;
}

const NOTHING = { sizeBytes: 0, etag: "", headers: "{}", tags: "", parts: 0 };
const NO_CHECKSUM = { checksumAlgorithm: "", checksumType: "", checksum: "" } as const;

export const insertMarker = ({ database }: Store, change: Change, bucket: string, key: string): Written =>
  insertVersion(database, change, { bucket, key, ...NOTHING, ...NO_CHECKSUM }, 1);

function insertVersion(
  database: Database,
  change: Change,
  row: Omit<Draft, "pieces">,
  marker: 0 | 1,
): Written {
  const { versioning } = needBucket(database, row.bucket);
  const version = versioning === "Enabled" ? randomBytes(24).toString("base64url") : "null";
  const replaced = version === "null" ? findObject(database, row.bucket, row.key, version) : undefined;
  if (replaced) deleteRow(database, change, replaced.seq);
  database.run(
    "update object set latest = 0 where bucket = ? and key = ? and latest = 1",
    row.bucket,
    row.key,
  );
  const modifiedAt = Date.now();
  const values = { ...row, version, latest: 1, marker, modifiedAt };
  const seq = database.run(
    `insert into object(bucket, key, version, latest, marker, sizeBytes, etag, modifiedAt, headers, tags, parts,
       checksumAlgorithm, checksumType, checksum) values(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    values.bucket,
    values.key,
    values.version,
    values.latest,
    values.marker,
    values.sizeBytes,
    values.etag,
    values.modifiedAt,
    values.headers,
    values.tags,
    values.parts,
    values.checksumAlgorithm,
    values.checksumType,
    values.checksum,
  );
  return { seq, version, modifiedAt, versioned: versioning !== "" };
}

/** Removes one version for good; the newest one left becomes the latest. In a transaction. */
export function removeVersion({ database }: Store, change: Change, row: ObjectRow): void {
  deleteRow(database, change, row.seq);
  if (row.latest)
    database.run(
      "update object set latest = 1 where seq = (select max(seq) from object where bucket = ? and key = ?)",
      row.bucket,
      row.key,
    );
}

function deleteRow(database: Database, change: Change, seq: number): void {
  change.freedBlobs.push(...piecesOf(database, seq).map((piece) => piece.blob));
  database.run("delete from piece where object = ?", seq);
  database.run("delete from object where seq = ?", seq);
}
