import { createHmac, createPrivateKey, generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";

const coded = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");

function signed(header: object, claims: object, key: KeyObject): string {
  const text = `${coded(header)}.${coded(claims)}`;
  return `${text}.${sign("RSA-SHA256", Buffer.from(text), key).toString("base64url")}`;
}

/** Tokens that must open nothing, by what is wrong with them. `token` is a good one, of which they are made. */
export function badTokens(stateDirectory: string, token: string): Record<string, string> {
  const jwk = JSON.parse(readFileSync(join(stateDirectory, "issuer-key.json"), "utf8"));
  const own = createPrivateKey({ key: jwk, format: "jwk" });
  const foreign = generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey;
  const [head = "", body = "", signature = ""] = token.split(".");
  const header = JSON.parse(Buffer.from(head, "base64url").toString());
  const claims = JSON.parse(Buffer.from(body, "base64url").toString());
  const now = Math.floor(Date.now() / 1000);
  const hmacText = `${coded({ ...header, alg: "HS256" })}.${body}`;
  const publicKey = JSON.stringify({ kty: jwk.kty, n: jwk.n, e: jwk.e });
  return {
    "no token at all": "x",
    "without signature": `${head}.${body}.`,
    "alg none": `${coded({ alg: "none", typ: "JWT" })}.${body}.`,
    "signed with the public key as a secret": `${hmacText}.${createHmac("sha256", publicKey).update(hmacText).digest("base64url")}`,
    "signed by somebody else": signed(header, claims, foreign),
    "with another's key id": signed({ ...header, kid: "other" }, claims, own),
    "of somebody else's subject": `${head}.${coded({ ...claims, sub: "another" })}.${signature}`,
    expired: signed(header, { ...claims, iat: now - 7200, exp: now - 3600 }, own),
    "without an end": signed(header, { ...claims, exp: undefined }, own),
    "not valid yet": signed(header, { ...claims, nbf: now + 3600 }, own),
    "for another audience": signed(header, { ...claims, aud: "elsewhere", client_id: "elsewhere" }, own),
    "of another issuer": signed(header, { ...claims, iss: "https://issuer.example" }, own),
  };
}
