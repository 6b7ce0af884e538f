import { setTimeout as delay } from "node:timers/promises";
import postgres, { type Sql } from "postgres";
import * as z from "zod/mini";
import { config } from "../config.ts";
import { isUnavailable } from "../errors.ts";
import { withSecret } from "../secrets/read.ts";
import { connect, type Where } from "./connect.ts";
import { isAway } from "./failures.ts";

/** In all the time given to it, the administrator's secret opened no door. */
export class SignInFailed extends Error {
  override readonly name = "SignInFailed";
}

/** The secret of a new stage says where the database is, and not yet how to open it. */
class NoPassword extends Error {
  override readonly name = "NoPassword";
}

const Admin = z.looseObject({ password: z.optional(z.string()) });

/**
 * Calls `use` with one connection as the tables' owner. Where the environment names a secret, its password signs in;
 * for as long as a rotation is under way (the first one comes with the stage), and until the database is there, it is
 * tried again.
 * @throws SignInFailed
 */
export async function asOwner<T>(
  use: (sql: Sql) => Promise<T>,
  { waitMs = 10 * 60_000, pollMs = 5_000 } = {},
): Promise<T> {
  const sql = await signIn(Date.now() + waitMs, pollMs);
  try {
    return await use(sql);
  } finally {
    await sql.end({ timeout: 1 });
  }
}

async function signIn(deadline: number, pollMs: number): Promise<Sql> {
  const { database, aws } = config();
  if (!database) throw new Error("there is no database here: T2M_DATABASE_URL or _HOST is missing");
  if ("url" in database || !database.secret) return await opened({ database, aws });
  const { secret, user } = database;
  const open = (value: string) => opened({ database, aws }, passwordIn(value));
  for (;;) {
    try {
      return await withSecret(secret, open, isRefused);
    } catch (error) {
      if (!isRefused(error) && !isAway(error) && !isUnavailable(error)) throw error;
      if (Date.now() > deadline) throw signInFailed(secret, user, error);
    }
    await delay(pollMs);
  }
}

async function opened(where: Where, password?: string): Promise<Sql> {
  const { sql } = connect(where, { password });
  try {
    await sql`select 1`;
    return sql;
  } catch (error) {
    await sql.end({ timeout: 0 });
    throw error;
  }
}

function passwordIn(value: string): string {
  const { password } = Admin.parse(JSON.parse(value));
  if (!password) throw new NoPassword("the secret holds no password yet");
  return password;
}

function isRefused(error: unknown): boolean {
  return error instanceof NoPassword || (error instanceof postgres.PostgresError && error.code === "28P01");
}

function signInFailed(secret: string, user: string, cause: unknown): SignInFailed {
  const reason = cause instanceof Error ? cause.message : String(cause);
  const hint = "see whether rotate-admin has failed";
  return new SignInFailed(`${user} cannot sign in by the secret ${secret} (${reason}): ${hint}`, { cause });
}
