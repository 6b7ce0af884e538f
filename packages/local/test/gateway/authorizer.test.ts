import { createPublicKey, randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createLocalJWKSet, createRemoteJWKSet, generateKeyPair, importJWK, type JWK, SignJWT } from "jose";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { rawRequest, type Stage, startStage } from "./support.ts";

let stage: Stage;
let keyId: string;
beforeAll(async () => {
  stage = await startStage();
  const response = await fetch(`${stage.issuer.url}/jwks`);
  keyId = ((await response.json()) as { keys: { kid: string }[] }).keys[0]?.kid ?? "";
});
afterAll(() => stage.stop());

function getJob(authorization?: string) {
  return rawRequest(stage.gateway.port, "/api/jobs/1", {
    headers: authorization === undefined ? {} : { authorization },
  });
}

const nowSeconds = () => Math.floor(Date.now() / 1000);

/** A token as the issuer signs it, but for what is said. */
function tokenWith(
  claims: Record<string, unknown>,
  { header = { alg: "RS256", kid: keyId }, key = stage.privateKey as Parameters<SignJWT["sign"]>[0] } = {},
): Promise<string> {
  return new SignJWT({
    iss: stage.issuer.url,
    aud: "t2m-test",
    sub: "ada",
    iat: nowSeconds(),
    exp: nowSeconds() + 60,
    ...claims,
  })
    .setProtectedHeader(header)
    .sign(key);
}

test("a token of the issuer is accepted, by `aud`, a list of them, or `client_id`", async () => {
  for (const claims of [
    {},
    { aud: ["other", "t2m-test"] },
    { aud: undefined, client_id: "t2m-test" },
    { nbf: nowSeconds() - 1 },
  ]) {
    expect([claims, await getJob(`Bearer ${await tokenWith(claims)}`)]).toMatchObject([
      claims,
      { status: 200 },
    ]);
  }
  expect(await getJob(`bearer  ${await tokenWith({})}`)).toMatchObject({ status: 200 });
});

test("claims reach the function as strings", async () => {
  const token = await tokenWith({ groups: ["a", "b"], admin: true, level: 3, exp: nowSeconds() + 99 });
  const event = JSON.parse((await getJob(`Bearer ${token}`)).text);
  expect(event.requestContext.authorizer.jwt).toMatchObject({
    claims: { groups: "[a b]", admin: "true", level: "3", exp: expect.stringMatching(/^\d+$/) },
    scopes: null,
  });
});

test("without a token the answer is AWS's 401, and the function is not called", async () => {
  for (const authorization of [undefined, "", "Bearer", "Bearer ", "Basic YTpi", await tokenWith({})]) {
    const { status, text, headers } = await getJob(authorization);
    expect([status, text, headers["www-authenticate"]]).toEqual([
      401,
      '{"message":"Unauthorized"}',
      "Bearer",
    ]);
  }
});

const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");

const refused: [why: string, token: () => string | Promise<string>][] = [
  ["expired", () => tokenWith({ exp: nowSeconds() - 1 })],
  ["without an expiry", () => tokenWith({ exp: undefined })],
  ["not valid yet", () => tokenWith({ nbf: nowSeconds() + 60 })],
  ["issued in the future", () => tokenWith({ iat: nowSeconds() + 60 })],
  ["of another issuer", () => tokenWith({ iss: "https://issuer.example.com" })],
  ["for another audience", () => tokenWith({ aud: "other" })],
  ["for another audience but the right client", () => tokenWith({ aud: "other", client_id: "t2m-test" })],
  ["for no audience", () => tokenWith({ aud: undefined })],
  ["signed by another key", async () => tokenWith({}, { key: (await generateKeyPair("RS256")).privateKey })],
  ["of an unknown key", () => tokenWith({}, { header: { alg: "RS256", kid: randomUUID() } })],
  [
    "that does not name its key",
    () => tokenWith({}, { header: { alg: "RS256" } as { alg: string; kid: string } }),
  ],
  [
    "without a signature (alg none)",
    async () => {
      const [, payload] = (await tokenWith({})).split(".");
      return `${encode({ alg: "none", kid: keyId })}.${payload}.`;
    },
  ],
  [
    "signed with the public key as an HMAC secret",
    async () => {
      const response = await fetch(`${stage.issuer.url}/jwks`);
      const { keys } = (await response.json()) as { keys: [{ kty: string }] };
      const pem = createPublicKey({ key: keys[0], format: "jwk" }).export({ type: "spki", format: "pem" });
      return tokenWith({}, { header: { alg: "HS256", kid: keyId }, key: Buffer.from(pem) });
    },
  ],
  [
    "changed after it was signed",
    async () => {
      const [header, payload, signature] = (await tokenWith({})).split(".");
      const claims = JSON.parse(Buffer.from(payload ?? "", "base64url").toString());
      return `${header}.${encode({ ...claims, sub: "bob" })}.${signature}`;
    },
  ],
  [
    "that only refreshes",
    async () => {
      const body = new URLSearchParams({ grant_type: "urn:t2m:name", name: "ada" });
      const response = await fetch(`${stage.issuer.url}/token`, { method: "POST", body });
      return ((await response.json()) as { refresh_token: string }).refresh_token;
    },
  ],
  ["of nonsense", () => "a.b.c"],
  ["of one piece", () => "abc"],
];

test.for(refused)("a token %s is refused", async ([, makeToken]) => {
  const { status, text, headers } = await getJob(`Bearer ${await makeToken()}`);
  expect([status, text]).toEqual([401, '{"message":"Unauthorized"}']);
  expect(headers["www-authenticate"]).toMatch(
    /^Bearer scope="" error="invalid_token" error_description="[^"]+"$/,
  );
});

test("only RS256 counts, also where the issuer's keys do not say what they are for", async () => {
  const response = await fetch(`${stage.issuer.url}/jwks`);
  const { keys } = (await response.json()) as { keys: { alg: string }[] };
  const unsaid = keys.map(({ alg: _, ...key }) => key) as unknown as JWK[];
  const lenient = await startStage({
    issuer: { url: stage.issuer.url, audience: "t2m-test", keys: createLocalJWKSet({ keys: unsaid }) },
  });
  onTestFinished(() => lenient.stop());
  const jwk = JSON.parse(readFileSync(join(stage.directory, "issuer/issuer-key.json"), "utf8"));
  for (const [alg, status] of [
    ["RS512", 401],
    ["PS256", 401],
    ["RS256", 200],
  ] as const) {
    const key = await importJWK(jwk, alg);
    const token = await tokenWith({}, { header: { alg, kid: keyId }, key });
    const answer = await rawRequest(lenient.gateway.port, "/api/jobs/1", {
      headers: { authorization: `Bearer ${token}` },
    });
    expect([alg, answer.status]).toEqual([alg, status]);
  }
});

test("where the issuer's keys cannot be had nobody gets in", async () => {
  const keys = createRemoteJWKSet(new URL("http://127.0.0.1:9/jwks"));
  const cut = await startStage({ issuer: { url: stage.issuer.url, audience: "t2m-test", keys } });
  try {
    const authorization = `Bearer ${await tokenWith({})}`;
    const response = await rawRequest(cut.gateway.port, "/api/jobs/1", { headers: { authorization } });
    expect(response).toMatchObject({
      status: 401,
      headers: { "www-authenticate": expect.stringContaining("keys are not available") },
    });
  } finally {
    await cut.stop();
  }
});
