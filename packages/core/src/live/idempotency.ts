import { hash } from "node:crypto";
import type { UserId } from "@t2m/contract/ids";
import { ApiError } from "../errors.ts";
import { idempotencyItemKey } from "./keys.ts";
import { getItem, type Write } from "./table.ts";

/** A request that its sender may repeat: the key they gave, and all that makes it this request. */
export type Repeatable = { userId: UserId; key: string; operation: string; body: unknown };

/**
 * The id of what the same request made before, or undefined where it is the first.
 * Throws `ApiError` "idempotency.mismatch" where the key was used with another request.
 */
export async function madeBefore(request: Repeatable): Promise<string | undefined> {
  const item = await getItem(idempotencyItemKey(request.userId, request.key));
  if (!item) return undefined;
  if (item.fingerprint === fingerprint(request) && typeof item.madeId === "string") return item.madeId;
  const detail = "This Idempotency-Key was used with another request; use a new key for a new request.";
  throw new ApiError("idempotency.mismatch", detail);
}

/** Remembers what a request made; to be in the transaction that makes it. Its condition fails for a repetition. */
export function rememberMade(request: Repeatable, madeId: string, expiresAt: number): Write {
  const { userId, key } = request;
  return {
    put: {
      ...idempotencyItemKey(userId, key),
      entity: "idempotency",
      userId,
      fingerprint: fingerprint(request),
      madeId,
      expiresAt,
    },
    condition: {
      // DynamoDB deletes expired items late; for us they are gone.
      expression: "attribute_not_exists(pk) OR expiresAt <= :now",
      values: { ":now": Math.floor(Date.now() / 1000) },
    },
  };
}

/** The body is one that the contract's shape has parsed, so its fields stand in a fixed order. */
function fingerprint({ operation, body }: Repeatable): string {
  return hash("sha256", JSON.stringify([operation, body]), "hex");
}
