import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import {
  type CryptoKey,
  calculateJwkThumbprint,
  createLocalJWKSet,
  exportJWK,
  generateKeyPair,
  importJWK,
  type JWK,
  type JWTVerifyGetKey,
} from "jose";

export type SigningKey = {
  keyId: string;
  privateKey: CryptoKey;
  /** What anybody may know: the JWKS document. */
  publicKeys: { keys: JWK[] };
  verify: JWTVerifyGetKey;
};

/** The RS256 key of the state directory, made at the first start, so that tokens outlive a restart. */
export async function signingKey(stateDirectory: string): Promise<SigningKey> {
  const file = join(stateDirectory, "issuer-key.json");
  const stored = await readFile(file, "utf8").catch(() => undefined);
  const privateJwk: JWK = stored === undefined ? await createKey(file) : JSON.parse(stored);
  const privateKey = await importJWK(privateJwk, "RS256");
  if (privateKey instanceof Uint8Array) throw new Error(`${file} holds no RSA key`);
  const { kty, n, e } = privateJwk;
  if (kty !== "RSA" || !n || !e) throw new Error(`${file} holds no RSA key`);
  const keyId = await calculateJwkThumbprint({ kty, n, e });
  const publicKeys = { keys: [{ kty, n, e, kid: keyId, alg: "RS256", use: "sig" }] };
  return { keyId, privateKey, publicKeys, verify: createLocalJWKSet(publicKeys) };
}

async function createKey(file: string): Promise<JWK> {
  const { privateKey } = await generateKeyPair("RS256", { extractable: true });
  const jwk = await exportJWK(privateKey);
  await mkdir(join(file, ".."), { recursive: true });
  // Whole or not at all: a start that is killed here must not leave half a key.
  await writeFile(`${file}.new`, JSON.stringify(jwk), { mode: 0o600 });
  await rename(`${file}.new`, file);
  return jwk;
}
