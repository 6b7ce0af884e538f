import type { UserId } from "@t2m/contract/ids";
import { ApiError } from "../errors.ts";
import type { Key } from "../live/keys.ts";
import { getItem, updateItem } from "../live/table.ts";

// docs/decisions/007-sessions.md says why this is one item and not one for each session or person.
const key: Key = { pk: "revocations", sk: "sessions" };
const entity = "revocations";
/** The year 2200: who is kept out stays out until somebody says otherwise. */
const never = 7_258_118_400;

/** A token is checked against a list no older than this; what is promised is `revocationDelaySeconds`. */
const freshMs = 45_000;
/** Longer than any issuer's refresh token lives: until then a revoked session may come back with new tokens. */
const keptSeconds = 31 * 24 * 3_600;
const daySeconds = 24 * 3_600;

let known: { sessions: ReadonlySet<string>; people: ReadonlySet<string>; readAtMs: number } | undefined;

/**
 * Throws `ApiError`: "auth.required" where the session was revoked, "auth.forbidden" where its owner was suspended, at
 * the latest a minute ago.
 */
export async function refuseShutOut(userId: UserId, sessionId: string): Promise<void> {
  if (!known || Date.now() - known.readAtMs > freshMs) known = await readRevoked();
  if (known.people.has(markOf(userId))) throw accountSuspended();
  if (known.sessions.has(markOf(sessionId))) throw sessionEnded();
}

export function sessionEnded(): ApiError {
  return new ApiError("auth.required", "This session was ended; sign in again.");
}

export function accountSuspended(): ApiError {
  const detail = "This account is suspended. What it holds is kept; ask those who run this service.";
  return new ApiError("auth.forbidden", detail);
}

/** From within a minute on, no function takes a token of this session. Said again it changes nothing. */
export async function revokeEverywhere(sessionIds: readonly string[]): Promise<void> {
  if (sessionIds.length === 0) return;
  const nowSeconds = Math.floor(Date.now() / 1000);
  const entries = sessionIds.map(
    (id) => `${markOf(id)}.${Math.ceil((nowSeconds + keptSeconds) / daySeconds)}`,
  );
  const item = await updateItem(
    key,
    {
      expression: "SET entity = :entity, expiresAt = :never ADD sessions :entries",
      values: { ":entity": entity, ":never": never, ":entries": new Set(entries) },
    },
    undefined,
    { repeatable: true },
  );
  await forget(textsOf(item.sessions).filter((entry) => lastDayOf(entry) * daySeconds < nowSeconds));
}

/** From within a minute on, no function takes any token of this person, or takes them again. Said again it changes nothing. */
export async function suspendEverywhere(userId: UserId, isSuspended: boolean): Promise<void> {
  const update = {
    expression: `SET entity = :entity, expiresAt = :never ${isSuspended ? "ADD" : "DELETE"} people :marks`,
    values: { ":entity": entity, ":never": never, ":marks": new Set([markOf(userId)]) },
  };
  await updateItem(key, update, undefined, { repeatable: true });
}

/** The item may grow to 400 KB, which is some 20,000 sessions in a month. */
async function forget(entries: readonly string[]): Promise<void> {
  if (entries.length === 0) return;
  const update = { expression: "DELETE sessions :old", values: { ":old": new Set(entries) } };
  await updateItem(key, update, undefined, { repeatable: true });
}

async function readRevoked() {
  const readAtMs = Date.now();
  const item = await getItem(key);
  const marks = textsOf(item?.sessions).map((entry) => entry.split(".")[0] ?? "");
  return { sessions: new Set(marks), people: new Set(textsOf(item?.people)), readAtMs };
}

function textsOf(value: unknown): string[] {
  return value instanceof Set ? [...value].map(String) : [];
}

function lastDayOf(entry: string): number {
  return Number(entry.split(".")[1]);
}

/** 64 bits of the id, which is a hash already: short, as every sandbox reads them all. */
function markOf(id: string): string {
  return Buffer.from(id.replaceAll("-", ""), "hex").subarray(8).toString("base64url");
}
