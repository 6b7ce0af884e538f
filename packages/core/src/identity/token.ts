import type { UserId } from "@t2m/contract/ids";
import { createRemoteJWKSet, errors, type JWTPayload, jwtVerify } from "jose";
import * as z from "zod/mini";
import { config } from "../config.ts";
import { ApiError, unavailable } from "../errors.ts";
import { userIdOf } from "./user-id.ts";

/** The same rules as the API gateway's authorizer, for functions that no gateway stands in front of. */
const algorithms = ["RS256"];
const clockToleranceSeconds = 5;

type Keys = ReturnType<typeof createRemoteJWKSet>;
let keys: Promise<Keys> | undefined;

/**
 * Checks a bearer token: signature, algorithm, issuer, audience, expiry. Keys come from the issuer's discovery
 * document and are kept. Throws `ApiError` "auth.required", or "service.unavailable" where the issuer is away.
 */
export async function verifyToken(token: string): Promise<{ userId: UserId; claims: JWTPayload }> {
  const { issuer, audience } = config();
  try {
    keys ??= discoverKeys(issuer);
    const { payload } = await jwtVerify(token, await keys, {
      algorithms,
      issuer,
      audience,
      clockTolerance: clockToleranceSeconds,
      requiredClaims: ["exp", "sub"],
    });
    return { userId: userIdOf(issuer, payload.sub ?? ""), claims: payload };
  } catch (error) {
    if (isUnanswered(error)) {
      keys = undefined;
      throw unavailable("sign-in service", error);
    }
    throw new ApiError("auth.required", "The token is not valid here, or no longer; sign in again.", {
      cause: error,
    });
  }
}

const Discovery = z.object({ jwks_uri: z.url() });

async function discoverKeys(issuer: string): Promise<Keys> {
  const address = `${issuer.replace(/\/$/, "")}/.well-known/openid-configuration`;
  const response = await fetch(address, { signal: AbortSignal.timeout(3_000) });
  if (!response.ok) throw new TypeError(`${address} answered ${response.status}`);
  const { jwks_uri } = Discovery.parse(await response.json());
  return createRemoteJWKSet(new URL(jwks_uri), { timeoutDuration: 3_000 });
}

/** Of jose's own errors only two are about the network; `fetch` throws `TypeError` or the timeout's `DOMException`. */
function isUnanswered(error: unknown): boolean {
  if (error instanceof errors.JWKSTimeout) return true;
  if (error instanceof errors.JOSEError) return error.code === "ERR_JOSE_GENERIC";
  return true;
}
