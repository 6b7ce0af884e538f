import { DatabaseSync, type SQLInputValue, type StatementSync } from "node:sqlite";
import type * as z from "zod/mini";

const SCHEMA = `
create table if not exists bucket(
  name text primary key, createdAt integer not null, versioning text not null default ''
) strict;
create table if not exists bucketConfig(
  bucket text not null, name text not null, document text not null, primary key(bucket, name)
) strict;
-- seq orders the versions of a key; latest and marker are 0 or 1
create table if not exists object(
  seq integer primary key autoincrement, bucket text not null, key text not null, version text not null,
  latest integer not null, marker integer not null, sizeBytes integer not null, etag text not null,
  modifiedAt integer not null, headers text not null, tags text not null, parts integer not null,
  checksumAlgorithm text not null, checksumType text not null, checksum text not null
) strict;
create index if not exists objectVersions on object(bucket, key, seq desc);
create index if not exists objectLatest on object(bucket, key) where latest = 1;
-- the blobs that make an object, in order: a finished upload keeps its parts, so nothing is copied
create table if not exists piece(
  object integer not null, number integer not null, blob text not null,
  startByte integer not null, sizeBytes integer not null, checksum text not null, primary key(object, number)
) strict, without rowid;
create table if not exists upload(
  id text primary key, bucket text not null, key text not null, createdAt integer not null,
  headers text not null, tags text not null, checksumAlgorithm text not null, checksumType text not null
) strict;
create index if not exists uploadKey on upload(bucket, key, id);
create table if not exists part(
  upload text not null, number integer not null, blob text not null, sizeBytes integer not null, md5 text not null,
  crc32 integer not null, checksum text not null, modifiedAt integer not null, primary key(upload, number)
) strict, without rowid;
-- notifications not yet taken by their receiver
create table if not exists event(
  id integer primary key autoincrement, bucket text not null, key text not null, name text not null,
  at integer not null, sizeBytes integer, etag text, version text, requestId text not null,
  accessKeyId text not null, sourceIp text not null, configurationId text not null
) strict;
`;

/** The index: every fact but the bytes. One connection; all calls are synchronous. */
export class Database {
  readonly #connection: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();

  constructor(file: string) {
    this.#connection = new DatabaseSync(file, { timeout: 1000 });
    // An exclusive lock: a second server on the same folder would collect this one's blobs as orphans.
    this.#connection.exec(
      "pragma locking_mode=exclusive; pragma journal_mode=wal; pragma synchronous=normal",
    );
    this.transaction(() => this.#connection.exec(SCHEMA));
  }

  all<T>(row: z.ZodMiniType<T>, sql: string, ...values: SQLInputValue[]): T[] {
    return this.#statement(sql)
      .all(...values)
      .map((found) => row.parse(found));
  }

  get<T>(row: z.ZodMiniType<T>, sql: string, ...values: SQLInputValue[]): T | undefined {
    const found = this.#statement(sql).get(...values);
    return found && row.parse(found);
  }

  /** Rows one at a time; the caller may stop early. The statement is its own, so loops may nest. */
  *iterate<T>(row: z.ZodMiniType<T>, sql: string, ...values: SQLInputValue[]): Generator<T> {
    for (const found of this.#connection.prepare(sql).iterate(...values)) yield row.parse(found);
  }

  /** @returns the id of the row inserted last */
  run(sql: string, ...values: SQLInputValue[]): number {
    return Number(this.#statement(sql).run(...values).lastInsertRowid);
  }

  /** All or nothing, also when the process is killed in it. */
  transaction<T>(work: () => T): T {
    this.#connection.exec("begin immediate");
    try {
      const result = work();
      this.#connection.exec("commit");
      return result;
    } catch (error) {
      this.#connection.exec("rollback");
      throw error;
    }
  }

  close(): void {
    this.#connection.close();
  }

  #statement(sql: string): StatementSync {
    const known = this.#statements.get(sql);
    if (known) return known;
    const statement = this.#connection.prepare(sql);
    this.#statements.set(sql, statement);
    return statement;
  }
}
