import { createHash } from "node:crypto";
import type { UserId } from "@t2m/contract/ids";

/** RFC 9562's namespace for names that are URLs. */
const urlNamespace = "6ba7b811-9dad-11d1-80b4-00c04fd430c8";

/**
 * Who somebody is here: a UUIDv5 of their subject within a namespace made of the issuer's URL. Known from the token
 * alone, the same at every sign-in, and different for the same subject at another issuer.
 */
export function userIdOf(issuer: string, subject: string): UserId {
  return uuidV5(subject, uuidV5(issuer, urlNamespace));
}

/** What a token says of its sign-in; API Gateway hands claims on as texts. */
export type SignIn = { sid?: unknown; jti?: unknown; iat?: unknown };

/**
 * Names a sign-in of somebody's: the issuer's own session where it tells one, else this one token. Known from the
 * token alone, as the user's id is.
 */
export function sessionIdOf(userId: UserId, { sid, jti, iat }: SignIn): string {
  return uuidV5(String(sid ?? jti ?? iat), userId);
}

export function uuidV5(name: string, namespace: string): string {
  const bytes = createHash("sha1")
    .update(Buffer.from(namespace.replaceAll("-", ""), "hex"))
    .update(name)
    .digest();
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x50, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  return bytes.toString("hex", 0, 16).replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}
