import { randomUUID } from "node:crypto";
import { jwtVerify, SignJWT } from "jose";
import type { SigningKey } from "./keys.ts";
import { type Person, personOf } from "./people.ts";

export const accessTokenSeconds = 3_600;
const refreshTokenSeconds = 30 * 24 * 3_600;

/** What the tokens of a sign-in are made from. */
export type Grant = {
  person: Person;
  clientId: string;
  scope: string;
  nonce?: string | undefined;
  /** The sign-in that all its tokens name, refreshed ones too; a new one where absent. */
  sessionId?: string;
};

export type Tokens = {
  access_token: string;
  token_type: "Bearer";
  expires_in: number;
  refresh_token: string;
  scope: string;
  id_token?: string;
};

export type TokenMint = {
  mint(grant: Grant): Promise<Tokens>;
  /** The grant that a refresh token stands for. Throws where it is not one of ours or has expired. */
  grantOf(refreshToken: string): Promise<Grant>;
};

type Issuer = { url: string; audience: string; key: SigningKey };

export function tokenMint(issuer: Issuer): TokenMint {
  const { url, audience, key } = issuer;
  return {
    async mint({ person, clientId, scope, nonce, sessionId: sid = randomUUID() }) {
      const { subject, name, email } = person;
      const lifetimeSeconds = accessTokenSeconds;
      const access = { name, email, client_id: clientId, scope, sid };
      const refresh = { name, client_id: clientId, scope, sid };
      const id = { name, email, ...(nonce !== undefined && { nonce }) };
      const [accessToken, refreshToken, idToken] = await Promise.all([
        sign(issuer, "at+jwt", access, { subject, audience, lifetimeSeconds }),
        // Its audience is the issuer itself, so that no API takes it for an access token.
        sign(issuer, "refresh+jwt", refresh, {
          subject,
          audience: url,
          lifetimeSeconds: refreshTokenSeconds,
        }),
        scope.split(" ").includes("openid") &&
          sign(issuer, "JWT", id, { subject, audience: clientId, lifetimeSeconds }),
      ]);
      return {
        access_token: accessToken,
        token_type: "Bearer",
        expires_in: lifetimeSeconds,
        refresh_token: refreshToken,
        scope,
        ...(idToken && { id_token: idToken }),
      };
    },
    async grantOf(refreshToken) {
      const { payload } = await jwtVerify(refreshToken, key.verify, {
        algorithms: ["RS256"],
        issuer: url,
        audience: url,
        typ: "refresh+jwt",
      });
      return {
        person: personOf(String(payload.name)),
        clientId: String(payload.client_id),
        scope: String(payload.scope),
        ...(typeof payload.sid === "string" && { sessionId: payload.sid }),
      };
    },
  };
}

function sign(
  { url, key }: Issuer,
  type: string,
  claims: Record<string, unknown>,
  to: { subject: string; audience: string; lifetimeSeconds: number },
): Promise<string> {
  const now = Math.floor(Date.now() / 1000);
  return new SignJWT(claims)
    .setProtectedHeader({ alg: "RS256", kid: key.keyId, typ: type })
    .setIssuer(url)
    .setSubject(to.subject)
    .setAudience(to.audience)
    .setIssuedAt(now)
    .setExpirationTime(now + to.lifetimeSeconds)
    .setJti(randomUUID())
    .sign(key.privateKey);
}
