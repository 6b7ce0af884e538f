import { errors, type JWTPayload, type JWTVerifyGetKey, jwtVerify } from "jose";

export type TokenIssuer = {
  /** The exact `iss` of its tokens. */
  url: string;
  audience: string;
  /** Its public keys: `createRemoteJWKSet(url)`, or a local issuer's own. */
  keys: JWTVerifyGetKey;
};

/** What a function is told of the token; all claims are strings. `scopes` is null where a route asks for none. */
export type Authorization = { claims: Record<string, string>; scopes: null };

/** Why nobody is signed in, as a `www-authenticate` header. */
export class Unauthorized extends Error {
  override name = "Unauthorized";
  readonly challenge: string;

  constructor(reason?: string) {
    super(reason ?? "There is no bearer token");
    this.challenge = reason
      ? `Bearer scope="" error="invalid_token" error_description="${reason}"`
      : "Bearer";
  }
}

/**
 * API Gateway's JWT authorizer: signature by a key that the token names, RS256 only, issuer, audience (`aud`, or
 * `client_id` where there is none), `exp` required, `nbf` and `iat` not in the future, no tolerance.
 *
 * @throws Unauthorized
 */
export async function authorize(header: string | undefined, issuer: TokenIssuer): Promise<Authorization> {
  const token = /^Bearer +(\S+)$/i.exec(header ?? "")?.[1];
  if (!token) throw new Unauthorized();
  const claims = await verifiedClaims(token, issuer);
  const audiences = claims.aud === undefined ? [claims.client_id] : [claims.aud].flat();
  if (!audiences.includes(issuer.audience))
    throw new Unauthorized("the token does not have a valid audience");
  if (claims.iat !== undefined && claims.iat > Date.now() / 1000) {
    throw new Unauthorized("the token was issued in the future");
  }
  return {
    claims: Object.fromEntries(Object.entries(claims).map(([name, value]) => [name, claimText(value)])),
    scopes: null,
  };
}

async function verifiedClaims(token: string, issuer: TokenIssuer): Promise<JWTPayload> {
  try {
    const { payload, protectedHeader } = await jwtVerify(token, issuer.keys, {
      algorithms: ["RS256"],
      issuer: issuer.url,
      requiredClaims: ["exp"],
    });
    if (protectedHeader.kid === undefined) throw new Unauthorized("the token does not name its key");
    return payload;
  } catch (error) {
    throw error instanceof Unauthorized ? error : new Unauthorized(reasonOf(error));
  }
}

function reasonOf(error: unknown): string {
  if (error instanceof errors.JWTExpired) return "the token has expired";
  if (error instanceof errors.JWTClaimValidationFailed) return `the token's ${error.claim} is not valid`;
  if (error instanceof errors.JOSEAlgNotAllowed) return "signing method is invalid";
  if (error instanceof errors.JWKSNoMatchingKey) return "the token's key is unknown";
  if (error instanceof errors.JOSEError) return "the token is not valid";
  return "the issuer's keys are not available";
}

/** API Gateway prints arrays as `[a b]`. */
function claimText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(claimText).join(" ")}]`;
  if (typeof value === "object" && value !== null) return JSON.stringify(value);
  return String(value);
}
