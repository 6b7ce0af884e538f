import { hash } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import postgres, { type Sql } from "postgres";

/** A step of the schema: its file's name and SQL. */
export type Migration = { name: string; text: string };

export type MigrateOptions = {
  /** How long a step waits for a table that others use, before it lets them go first and tries again. */
  lockMs?: number;
  tries?: number;
  /** The role that functions sign in as; it is made where there is none, and may use all tables. */
  appUser?: string | undefined;
  log?: (line: string) => void;
};

/** A step that was applied is not the step that we have, or the database knows steps that we do not. */
export class MigrationMismatch extends Error {
  override readonly name = "MigrationMismatch";
}

/** The database knows steps that we do not: somebody went back to an earlier version. */
export class NewerDatabase extends MigrationMismatch {}

/** Anybody's number: who migrates holds a lock of this name. */
const lockKey = 7_242_120_260;
const outside = "-- outside a transaction";
const breakpoint = "--> statement-breakpoint";
/** Longer statements are ended by the database itself, whoever sent them. */
const statementTimeout = "5s";
const idleInTransactionTimeout = "15s";

/**
 * Brings a database to the newest schema, from whatever step it is at: forward only, each step in one transaction, one
 * migrator at a time. A step never waits long for a lock, since all who come after it would wait, too. Steps that
 * begin with `-- outside a transaction` (such as `create index concurrently`) must be repeatable instead.
 * `sql` needs one connection to the database itself, without a proxy, as the tables' owner.
 * @returns the names of the steps that were applied
 * @throws MigrationMismatch; NewerDatabase, one of these
 */
export async function migrate(
  sql: Sql,
  migrations: readonly Migration[],
  options: MigrateOptions = {},
): Promise<string[]> {
  const { log = () => {}, appUser } = options;
  const alone = await sql.reserve();
  try {
    await takeLock(alone);
    const pending = await pendingSteps(alone, migrations);
    for (const step of pending) {
      await apply(alone, step, options).catch((error: unknown) => {
        const reason = error instanceof Error ? error.message : String(error);
        throw new Error(`the step ${step.name} failed: ${reason}`, { cause: error });
      });
      log(`applied ${step.name}`);
    }
    await settle(alone, appUser);
    return pending.map(({ name }) => name);
  } finally {
    await alone`select pg_advisory_unlock_all()`.catch(() => undefined);
    alone.release();
  }
}

async function takeLock(sql: Sql): Promise<void> {
  for (let tries = 0; tries < 120; tries++) {
    const [answer] = await sql<{ taken: boolean }[]>`select pg_try_advisory_lock(${lockKey}) as taken`;
    if (answer?.taken) return;
    await delay(500);
  }
  throw new Error("another migration has been running for a minute");
}

async function pendingSteps(sql: Sql, migrations: readonly Migration[]): Promise<Migration[]> {
  await sql`
    create table if not exists migrations (
      name text primary key,
      checksum text not null,
      applied_at timestamptz not null default now()
    )`;
  const applied = await sql<{ name: string; checksum: string }[]>`
    select name, checksum from migrations order by name`;
  for (const [place, { name, checksum }] of applied.entries()) {
    const ours = migrations[place];
    if (ours?.name !== name) {
      const Mismatch = ours ? MigrationMismatch : NewerDatabase;
      throw new Mismatch(
        `the database has the step ${name}, which is not the next of ours: it is of a newer version`,
      );
    }
    if (checksumOf(ours) !== checksum) {
      throw new MigrationMismatch(`${name} was changed after it was applied: write a new step instead`);
    }
  }
  return migrations.slice(applied.length);
}

async function apply(sql: Sql, step: Migration, { lockMs = 2_000, tries = 20 }: MigrateOptions) {
  for (let attempt = 1; ; attempt++) {
    try {
      await sql`select set_config('lock_timeout', ${`${lockMs}ms`}, false)`;
      // An index over a large table takes its time.
      await sql`select set_config('statement_timeout', '0', false)`;
      return step.text.startsWith(outside) ? await applyOutside(sql, step) : await applyWhole(sql, step);
    } catch (error) {
      const isLocked = error instanceof postgres.PostgresError && error.code === "55P03";
      if (!isLocked || attempt === tries) throw error;
      await delay(Math.random() * Math.min(5_000, 100 * 2 ** attempt));
    }
  }
}

async function applyWhole(sql: Sql, step: Migration): Promise<void> {
  await sql.unsafe("begin");
  try {
    for (const statement of statementsOf(step)) await sql.unsafe(statement);
    await note(sql, step);
    await sql.unsafe("commit");
  } catch (error) {
    await sql.unsafe("rollback").catch(() => undefined);
    throw error;
  }
}

async function applyOutside(sql: Sql, step: Migration): Promise<void> {
  for (const statement of statementsOf(step)) await sql.unsafe(statement);
  await note(sql, step);
}

async function note(sql: Sql, step: Migration): Promise<void> {
  await sql`insert into migrations (name, checksum) values (${step.name}, ${checksumOf(step)})`;
}

/** What holds for the database as a whole, whatever its name: set here as a session must not set it behind a proxy. */
async function settle(sql: Sql, appUser: string | undefined): Promise<void> {
  const [here] = await sql<{ name: string }[]>`select current_database() as name`;
  const database = sql(here?.name ?? "");
  await sql`alter database ${database} set statement_timeout = ${sql.unsafe(`'${statementTimeout}'`)}`;
  await sql`alter database ${database} set idle_in_transaction_session_timeout = ${sql.unsafe(`'${idleInTransactionTimeout}'`)}`;
  if (appUser) await grant(sql, appUser);
}

async function grant(sql: Sql, appUser: string): Promise<void> {
  const roles = await sql<{ name: string }[]>`select rolname as name from pg_roles`;
  const names = new Set(roles.map(({ name }) => name));
  const role = sql(appUser);
  if (!names.has(appUser)) await sql`create role ${role} login`;
  // RDS lets members of this role in by a token of IAM's alone.
  if (names.has("rds_iam")) await sql`grant rds_iam to ${role}`;
  await sql`grant usage on schema public to ${role}`;
  await sql`grant select, insert, update, delete on all tables in schema public to ${role}`;
  await sql`revoke all on table migrations from ${role}`;
  await sql`grant select on table migrations to ${role}`;
}

function statementsOf({ text }: Migration): string[] {
  return text
    .split(breakpoint)
    .map((statement) => statement.trim())
    .filter((statement) => statement !== "");
}

function checksumOf({ text }: Migration): string {
  return hash("sha256", text, "hex");
}
