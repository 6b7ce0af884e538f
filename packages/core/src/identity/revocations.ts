import { ApiError } from "../errors.ts";
import type { Key } from "../live/keys.ts";
import { getItem, updateItem } from "../live/table.ts";

// docs/decisions/007-sessions.md says why this is one item and not one for each session or person.
const key: Key = { pk: "revocations", sk: "sessions" };

/** A token is checked against a list no older than this; what is promised is `revocationDelaySeconds`. */
const freshMs = 45_000;
/** Longer than any issuer's refresh token lives: until then a revoked session may come back with new tokens. */
const keptSeconds = 31 * 24 * 3_600;
const daySeconds = 24 * 3_600;

let known: { sessions: ReadonlySet<string>; readAtMs: number } | undefined;

/** Throws `ApiError` "auth.required" where the session was revoked, at the latest a minute ago. */
export async function refuseRevoked(sessionId: string): Promise<void> {
  if (!known || Date.now() - known.readAtMs > freshMs) known = await readRevoked();
  if (known.sessions.has(markOf(sessionId))) throw sessionEnded();
}

export function sessionEnded(): ApiError {
  return new ApiError("auth.required", "This session was ended; sign in again.");
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
      expression: "SET entity = :entity, expiresAt = :end ADD sessions :entries",
      values: { ":entity": "revocations", ":end": nowSeconds + keptSeconds, ":entries": new Set(entries) },
    },
    undefined,
    { repeatable: true },
  );
  await forget(textsOf(item.sessions).filter((entry) => lastDayOf(entry) * daySeconds < nowSeconds));
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
  return { sessions: new Set(marks), readAtMs };
}

function textsOf(value: unknown): string[] {
  return value instanceof Set ? [...value].map(String) : [];
}

function lastDayOf(entry: string): number {
  return Number(entry.split(".")[1]);
}

/** 64 bits of the id, which is a hash already: short, as every sandbox reads them all. */
function markOf(sessionId: string): string {
  return Buffer.from(sessionId.replaceAll("-", ""), "hex").subarray(8).toString("base64url");
}
