import type { UserId } from "@t2m/contract/ids";
import { and, eq, gt, isNull, or, sql } from "drizzle-orm";
import { changeRecord, readRecord, type Transaction } from "../database/access.ts";
import { permissions } from "../database/schema/permissions.ts";
import { sessions } from "../database/schema/sessions.ts";
import { erasures, users } from "../database/schema/users.ts";
import { ApiError } from "../errors.ts";
import { accountSuspended, sessionEnded } from "../identity/revocations.ts";
import { sessionIdOf } from "../identity/user-id.ts";
import { note } from "./activity.ts";
import { permissionsOf, type Viewer } from "./permissions.ts";

/** A request's sender, as token and request tell. */
export type Visitor = {
  userId: UserId;
  claims: Record<string, unknown>;
  userAgent?: string | undefined;
  ipAddress?: string | undefined;
};

/** What is known of a session is asked for anew after this; its last sight is written down as often. */
const freshMs = 45_000;
/** A token without an end, which no issuer gives, is thought to live as long as usual ones. */
const usualTokenSeconds = 3_600;
/** The live table's stream tells of changes for a day at most. */
const echoMs = 25 * 3_600_000;
const knownAtMost = 1_000;

const known = new Map<string, { viewer: Viewer; readAtMs: number }>();

/**
 * Who asks. The first sight of a token makes their row and their session's. Throws `ApiError`: auth.required where the
 * session was revoked, auth.forbidden where the account is suspended or closed.
 */
export async function visit(visitor: Visitor): Promise<Viewer> {
  const sessionId = sessionIdOf(visitor.userId, visitor.claims);
  const seen = known.get(sessionId);
  if (seen && Date.now() - seen.readAtMs < freshMs) return seen.viewer;
  const readAtMs = Date.now();
  const viewer = (await arrived(visitor, sessionId)) ?? (await arrive(visitor, sessionId));
  if (known.size >= knownAtMost) known.clear();
  known.set(sessionId, { viewer, readAtMs });
  return viewer;
}

/** What this process knows of a session is no longer so. */
export function forgetViewer(sessionId: string): void {
  known.delete(sessionId);
}

/** By one read, for those whose session was seen within the last minute, by whatever function. */
async function arrived({ userId }: Visitor, sessionId: string): Promise<Viewer | undefined> {
  return await readRecord(async (db) => {
    const recently = sql`now() - make_interval(secs => ${freshMs / 1000})`;
    const [row] = await db
      .select({
        role: users.role,
        suspendedAt: users.suspendedAt,
        revokedAt: sessions.revokedAt,
        granted: grantsOf(),
      })
      .from(sessions)
      .innerJoin(users, eq(users.id, sessions.userId))
      .where(and(eq(sessions.id, sessionId), eq(sessions.userId, userId), gt(sessions.lastSeenAt, recently)));
    return row && admitted({ userId, sessionId, ...row });
  });
}

async function arrive(visitor: Visitor, sessionId: string): Promise<Viewer> {
  return await changeRecord(async (tx) => {
    const { userId } = visitor;
    await refuseErased(tx, userId);
    const user = await upsertUser(tx, visitor);
    const session = await upsertSession(tx, visitor, sessionId);
    const [grants] = await tx.select({ granted: grantsOf() }).from(users).where(eq(users.id, userId));
    return admitted({ userId, sessionId, ...user, ...session, granted: grants?.granted ?? [] });
  });
}

/** As long as something of the old account may still come along, nobody begins a new one. */
async function refuseErased(tx: Transaction, userId: UserId): Promise<void> {
  const [erased] = await tx
    .select({ erasedAt: erasures.erasedAt, madeAt: users.createdAt })
    .from(erasures)
    .leftJoin(users, eq(users.id, erasures.userId))
    .where(eq(erasures.userId, userId));
  if (!erased) return;
  const { erasedAt, madeAt } = erased;
  const isThere = madeAt !== null && madeAt <= erasedAt;
  if (isThere || erasedAt.getTime() > Date.now() - echoMs) {
    throw new ApiError("auth.forbidden", "This account is being deleted.");
  }
  await tx.delete(erasures).where(eq(erasures.userId, userId));
}

async function upsertUser(tx: Transaction, { userId, claims }: Visitor) {
  const issuer = textOf(claims.iss);
  const subject = textOf(claims.sub);
  const told = {
    ...(issuer !== undefined && subject !== undefined ? { issuer, subject } : {}),
    ...(textOf(claims.email) !== undefined && { email: textOf(claims.email) }),
  };
  const name = textOf(claims.name)?.slice(0, 100);
  const [user] = await tx
    .insert(users)
    .values({ id: userId, ...told, ...(name !== undefined && { name }), lastSeenAt: sql`now()` })
    .onConflictDoUpdate({
      target: users.id,
      // What they are called is theirs to say once they are here.
      set: { ...told, name: sql`coalesce(${users.name}, excluded.name)`, lastSeenAt: sql`now()` },
    })
    // A row that this very statement made has never been updated.
    .returning({ role: users.role, suspendedAt: users.suspendedAt, isNew: sql<boolean>`xmax = 0` });
  if (!user) throw new Error("an upsert gave no row");
  if (user.isNew) await note(tx, { userId, actorId: userId, action: "account.created" });
  return user;
}

async function upsertSession(tx: Transaction, visitor: Visitor, sessionId: string) {
  const { userId, claims, userAgent, ipAddress } = visitor;
  const exp = Number(claims.exp);
  const endMs = Number.isFinite(exp) ? exp * 1000 : Date.now() + usualTokenSeconds * 1000;
  const expiresAt = new Date(Math.max(endMs, Date.now() + 1000));
  const [session] = await tx
    .insert(sessions)
    .values({
      id: sessionId,
      userId,
      expiresAt,
      ...(userAgent && { userAgent: userAgent.slice(0, 300) }),
      ...(ipAddress && { ipAddress }),
    })
    .onConflictDoUpdate({
      target: sessions.id,
      set: {
        lastSeenAt: sql`now()`,
        expiresAt: sql`greatest(${sessions.expiresAt}, excluded.expires_at)`,
      },
    })
    .returning({ revokedAt: sessions.revokedAt });
  if (!session) throw new Error("an upsert gave no row");
  return session;
}

/** The names of the permissions of the row's user that have not ended. */
function grantsOf() {
  const lasting = or(isNull(permissions.expiresAt), gt(permissions.expiresAt, sql`now()`));
  return sql<string[]>`coalesce((
    select json_agg(${permissions.permission}) from ${permissions}
    where ${permissions.userId} = ${users.id} and ${lasting}), '[]')`;
}

function admitted(row: {
  userId: UserId;
  sessionId: string;
  role: Viewer["role"];
  suspendedAt: Date | null;
  revokedAt: Date | null;
  granted: readonly string[];
}): Viewer {
  const { userId, sessionId, role } = row;
  if (row.revokedAt) throw sessionEnded();
  if (row.suspendedAt) throw accountSuspended();
  return { userId, sessionId, role, permissions: permissionsOf(role, row.granted) };
}

function textOf(value: unknown): string | undefined {
  // Postgres cannot hold the character zero.
  return typeof value === "string" && value !== "" && !value.includes("\0") ? value : undefined;
}
