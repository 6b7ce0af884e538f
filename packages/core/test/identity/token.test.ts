import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { verifyToken } from "@t2m/core/identity/token";
import { userIdOf } from "@t2m/core/identity/user-id";
import { createIssuer } from "@t2m/local/issuer/issuer";
import { signingKey } from "@t2m/local/issuer/keys";
import { startServices } from "@t2m/local/testing";
import { exportSPKI, generateKeyPair, importJWK, type JWTPayload, SignJWT, UnsecuredJWT } from "jose";
import { afterAll, beforeAll, expect, test } from "vitest";

const directory = mkdtempSync(join(tmpdir(), "t2m-issuer-"));
let server: Server;
let issuer: string;
const listen = (port: number) => new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
const portOf = () => Number(new URL(issuer).port);

beforeAll(async () => {
  server = createServer((request, response) => {
    createIssuer({ url: issuer, audience: "t2m", stateDirectory: directory })
      .then((running) => running.handle(request, response))
      .catch(() => response.destroy());
  });
  await listen(0);
  const address = server.address();
  issuer = `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}/issuer`;
  await startServices({ T2M_ISSUER: issuer, T2M_AUDIENCE: "t2m" });
});
afterAll(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  rmSync(directory, { recursive: true });
});

type Claims = JWTPayload & { expiresIn?: string };

async function token({ expiresIn = "1 minute", ...claims }: Claims = {}): Promise<SignJWT> {
  return new SignJWT({ iss: issuer, aud: "t2m", sub: "anna", ...claims })
    .setIssuedAt()
    .setExpirationTime(expiresIn);
}

async function signed(claims: Claims = {}): Promise<string> {
  const { keyId, privateKey } = await signingKey(directory);
  return (await token(claims)).setProtectedHeader({ alg: "RS256", kid: keyId }).sign(privateKey);
}

test("an issuer that is away is 503, and asked again as soon as it is back", async () => {
  const valid = await signed();
  const port = portOf();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await expect(verifyToken(valid)).rejects.toMatchObject({ code: "service.unavailable" });
  await listen(port);
  expect(await verifyToken(valid)).toMatchObject({ userId: userIdOf(issuer, "anna") });
});

test("the development issuer's own tokens are good, and say whose they are", async () => {
  const form = new URLSearchParams({ grant_type: "urn:t2m:name", name: "Anna", client_id: "test" });
  const response = await fetch(`${issuer}/token`, { method: "POST", body: form });
  const { access_token, id_token } = (await response.json()) as Record<string, string>;
  const { userId, claims } = await verifyToken(access_token ?? "");
  expect(userId).toBe(userIdOf(issuer, claims.sub ?? ""));
  // An ID token speaks to the client it was made for, not to this API.
  if (id_token) await expect(verifyToken(id_token)).rejects.toMatchObject({ code: "auth.required" });
});

test("[A8.6] expired, foreign, tampered and unsigned tokens are refused", async () => {
  const valid = await signed();
  const other = await generateKeyPair("RS256");
  const { keyId, publicKeys } = await signingKey(directory);
  const publicKey = await importJWK({ ...publicKeys.keys[0], ext: true }, "RS256");
  if (publicKey instanceof Uint8Array) throw new Error("no RSA key");
  const [header, payload, signature] = valid.split(".");
  const forged: Record<string, string> = {
    expired: await signed({ expiresIn: "-1 minute" }),
    "another audience": await signed({ aud: "else" }),
    "another issuer": await signed({ iss: "https://issuer.example" }),
    "no subject": await signed({ sub: undefined as never }),
    "another's key": await (await token())
      .setProtectedHeader({ alg: "RS256", kid: keyId })
      .sign(other.privateKey),
    "the public key as a secret": await (await token())
      .setProtectedHeader({ alg: "HS256", kid: keyId })
      .sign(new TextEncoder().encode(await exportSPKI(publicKey))),
    "a weaker algorithm's name": [
      Buffer.from(JSON.stringify({ alg: "RS1", kid: keyId })).toString("base64url"),
      payload,
      signature,
    ].join("."),
    "no signature": new UnsecuredJWT({ iss: issuer, aud: "t2m", sub: "anna" })
      .setExpirationTime("1 minute")
      .encode(),
    "a changed claim": [header, Buffer.from(`{"sub":"bob"}`).toString("base64url"), signature].join("."),
    "no token": "",
    "three words": "a.b.c",
  };
  for (const [name, text] of Object.entries(forged)) {
    await expect(verifyToken(text), name).rejects.toMatchObject({ code: "auth.required" });
  }
  await expect(verifyToken(valid)).resolves.toBeDefined();
});
