import { sql } from "drizzle-orm";
import {
  bigint,
  check,
  doublePrecision,
  index,
  integer,
  jsonb,
  pgTable,
  text,
  uniqueIndex,
  uuid,
} from "drizzle-orm/pg-core";
import { moment } from "./columns.ts";
import { removal } from "./enums.ts";
import { jobs } from "./jobs.ts";
import { users } from "./users.ts";

/** What a file is to its owner. */
export const fileTypes = ["source", "main", "poster", "waveform", "peaks", "code", "video"] as const;
export type FileType = (typeof fileTypes)[number];

/** Objects in S3 that belong to somebody: completed uploads (`source`) and outputs of jobs. */
export const fileMetadata = pgTable(
  "file_metadata",
  {
    /** A source has its upload's id; an output a UUIDv5 of its job and name, so that it is the same each time. */
    id: uuid("id").primaryKey(),
    userId: uuid("user_id")
      .notNull()
      .references(() => users.id, { onDelete: "cascade" }),
    /** Absent for sources. */
    jobId: uuid("job_id").references(() => jobs.id, { onDelete: "cascade" }),
    fileType: text("file_type", { enum: fileTypes }).notNull(),
    originalFilename: text("original_filename").notNull(),
    /** Which of the stage's buckets, as in `videos`: the stage's name may change, this does not. */
    s3Bucket: text("s3_bucket", { enum: ["uploads", "videos", "code", "thumbnails"] }).notNull(),
    s3Key: text("s3_key").notNull(),
    /** In bytes. */
    fileSize: bigint("file_size", { mode: "number" }).notNull(),
    contentType: text("content_type").notNull(),
    /** S3's, where a certain version is meant; the newest otherwise. */
    versionId: text("version_id"),
    checksumCrc32: text("checksum_crc32"),
    durationSeconds: doublePrecision("duration_seconds"),
    audioCodec: text("audio_codec"),
    videoCodec: text("video_codec"),
    widthPixels: integer("width_pixels"),
    heightPixels: integer("height_pixels"),
    metadata: jsonb("metadata").$type<Record<string, unknown>>().notNull().default({}),
    createdAt: moment("created_at").notNull(),
    /** When the object goes; a source's moves on with each job that needs it. */
    expiresAt: moment("expires_at"),
    /** When the object left the live plane, and how. */
    removedAt: moment("removed_at"),
    removal: removal("removal"),
  },
  (table) => [
    // One object, one row.
    uniqueIndex("file_metadata_object").on(table.s3Bucket, table.s3Key),
    // All of somebody's, for an export or a deletion.
    index("file_metadata_owner").on(table.userId, table.createdAt, table.id),
    // Somebody's files that are still there, newest first, page by page; and all that is stored: nearly all files of
    // two years have expired.
    index("file_metadata_kept")
      .on(table.userId, table.createdAt, table.id)
      .where(sql`${table.removedAt} is null`),
    // A job's files.
    index("file_metadata_job").on(table.jobId),
    // Search in names: any part of them, among one owner's.
    index("file_metadata_name").using("gin", table.userId, table.originalFilename.op("gin_trgm_ops")),
    // Retention goes by the time of removal.
    index("file_metadata_removed").on(table.removedAt).where(sql`${table.removedAt} is not null`),
    check("file_metadata_size", sql`${table.fileSize} >= 0`),
    check("file_metadata_source", sql`(${table.fileType} = 'source') = (${table.jobId} is null)`),
    check("file_metadata_key", sql`${table.s3Key} like 'users/' || ${table.userId} || '/%'`),
    check("file_metadata_removal_whole", sql`(${table.removedAt} is null) = (${table.removal} is null)`),
    check(
      "file_metadata_type",
      sql`${table.fileType} in ('source', 'main', 'poster', 'waveform', 'peaks', 'code', 'video')`,
    ),
    check("file_metadata_bucket", sql`${table.s3Bucket} in ('uploads', 'videos', 'code', 'thumbnails')`),
  ],
);

/** Links to a file for people without an account. Of the secret in a link only its hash is kept. */
export const shareLinks = pgTable(
  "share_links",
  {
    /** UUIDv7. */
    id: uuid("id").primaryKey(),
    fileId: uuid("file_id")
      .notNull()
      .references(() => fileMetadata.id, { onDelete: "cascade" }),
    userId: uuid("user_id")
      .notNull()
      .references(() => users.id, { onDelete: "cascade" }),
    /** SHA-256, in hexadecimal. */
    secretHash: text("secret_hash").notNull(),
    createdAt: moment("created_at").notNull().defaultNow(),
    expiresAt: moment("expires_at").notNull(),
    revokedAt: moment("revoked_at"),
    lastUsedAt: moment("last_used_at"),
    useCount: integer("use_count").notNull().default(0),
  },
  (table) => [
    // Who comes with a link is found by its secret.
    uniqueIndex("share_links_secret").on(table.secretHash),
    // A file's links.
    index("share_links_file").on(table.fileId),
    // Somebody's links, newest first.
    index("share_links_owner").on(table.userId, table.id),
    // Retention deletes those that ended long ago.
    index("share_links_end").on(table.expiresAt),
    check("share_links_order", sql`${table.expiresAt} > ${table.createdAt}`),
  ],
);
