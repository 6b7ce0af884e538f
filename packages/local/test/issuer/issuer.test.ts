import { createHash, randomBytes } from "node:crypto";
import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createIssuer, type Issuer } from "@t2m/local/issuer/issuer";
import { createRemoteJWKSet, decodeJwt, decodeProtectedHeader, type JWTPayload, jwtVerify } from "jose";
import { afterAll, beforeAll, expect, test } from "vitest";
import * as z from "zod/mini";

const Tokens = z.object({
  access_token: z.string(),
  refresh_token: z.string(),
  id_token: z.optional(z.string()),
  token_type: z.literal("Bearer"),
  expires_in: z.literal(3600),
  scope: z.string(),
});

let issuer: Issuer;
let server: Server;
const stateDirectory = mkdtempSync(join(tmpdir(), "t2m-issuer-"));
const redirectUri = "http://127.0.0.1:7777/callback";

beforeAll(async () => {
  server = createServer((request, response) => void issuer.handle(request, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("No port");
  issuer = await createIssuer({
    url: `http://127.0.0.1:${address.port}/issuer`,
    audience: "t2m-test",
    stateDirectory,
  });
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
  rmSync(stateDirectory, { recursive: true });
});

const verifier = randomBytes(32).toString("base64url");
const request = {
  response_type: "code",
  client_id: "t2m-web",
  redirect_uri: redirectUri,
  code_challenge: createHash("sha256").update(verifier).digest("base64url"),
  code_challenge_method: "S256",
  scope: "openid profile",
  state: "st&te",
  nonce: "once",
};

function authorize(changes: Record<string, string>, init: RequestInit = {}) {
  const parameters = new URLSearchParams({ ...request, ...changes });
  const isPost = init.method === "POST";
  return fetch(`${issuer.url}/authorize${isPost ? "" : `?${parameters}`}`, {
    redirect: "manual",
    ...init,
    ...(isPost && { body: parameters }),
  });
}

async function codeFor(name: string, changes: Record<string, string> = {}): Promise<string> {
  const response = await authorize({ ...changes, name }, { method: "POST" });
  expect(response.status).toBe(303);
  return new URL(response.headers.get("location") ?? "").searchParams.get("code") ?? "";
}

function post(form: Record<string, string>, headers: Record<string, string> = {}) {
  return fetch(`${issuer.url}/token`, { method: "POST", body: new URLSearchParams(form), headers });
}

function redeem(code: string, changes: Record<string, string> = {}) {
  return post({
    grant_type: "authorization_code",
    code,
    client_id: "t2m-web",
    redirect_uri: redirectUri,
    code_verifier: verifier,
    ...changes,
  });
}

async function signIn(name: string): Promise<z.infer<typeof Tokens>> {
  return Tokens.parse(await (await post({ grant_type: "urn:t2m:name", name })).json());
}

async function verified(token: string, audience: string): Promise<JWTPayload> {
  const keys = createRemoteJWKSet(new URL(`${issuer.url}/jwks`));
  return (await jwtVerify(token, keys, { issuer: issuer.url, audience, algorithms: ["RS256"] })).payload;
}

test("its discovery document names its endpoints, and they answer", async () => {
  const response = await fetch(`${issuer.url}/.well-known/openid-configuration`);
  const document = z.record(z.string(), z.unknown()).parse(await response.json());
  expect(document).toMatchObject({
    issuer: issuer.url,
    code_challenge_methods_supported: ["S256"],
    response_types_supported: ["code"],
  });
  const endpoints = Object.entries(document).filter(([name]) => /_(endpoint|uri)$/.test(name));
  expect(endpoints).toHaveLength(4);
  for (const [, url] of endpoints) expect((await fetch(String(url))).status).not.toBe(404);
  expect((await fetch(`${issuer.url}/elsewhere`)).status).toBe(404);
});

test("its published key has no private part, and the stored one is for its owner only", async () => {
  const { keys } = (await (await fetch(`${issuer.url}/jwks`)).json()) as { keys: object[] };
  expect(keys.map((key) => Object.keys(key).sort())).toEqual([["alg", "e", "kid", "kty", "n", "use"]]);
  expect(statSync(join(stateDirectory, "issuer-key.json")).mode & 0o777).toBe(0o600);
});

test("a name becomes tokens: form, code with PKCE, access and id token", async () => {
  const form = await authorize({});
  expect(form.status).toBe(200);
  const { searchParams } = await authorize({ name: " Ada  Lovelace" }, { method: "POST" }).then(
    (response) => new URL(response.headers.get("location") ?? ""),
  );
  expect(searchParams.get("state")).toBe("st&te");
  expect(searchParams.get("iss")).toBe(issuer.url);
  const response = await redeem(searchParams.get("code") ?? "");
  expect(response.headers.get("cache-control")).toBe("no-store");
  const tokens = Tokens.parse(await response.json());
  expect(await verified(tokens.access_token, "t2m-test")).toMatchObject({
    sub: "ada lovelace",
    name: "Ada Lovelace",
    email: expect.stringMatching(/^ada-lovelace-[0-9a-f]{8}@example\.com$/),
    client_id: "t2m-web",
  });
  const { iat = 0, exp = 0 } = decodeJwt(tokens.access_token);
  expect(exp - iat).toBe(3_600);
  expect(decodeProtectedHeader(tokens.access_token)).toMatchObject({ alg: "RS256", typ: "at+jwt" });
  expect(await verified(tokens.id_token ?? "", "t2m-web")).toMatchObject({ nonce: "once" });
});

test("a code is good once, for its own client, address and verifier", async () => {
  const code = await codeFor("ada");
  expect((await redeem(code)).status).toBe(200);
  const again = await redeem(code);
  expect([again.status, await again.json()]).toMatchObject([400, { error: "invalid_grant" }]);
  for (const changes of [
    { code_verifier: randomBytes(32).toString("base64url") },
    { code_verifier: "" },
    { client_id: "other" },
    { redirect_uri: "http://127.0.0.1:7777/other" },
    { code: "made-up" },
  ]) {
    const response = await redeem(await codeFor("ada"), changes);
    expect([changes, response.status, await response.json()]).toMatchObject([
      changes,
      400,
      { error: "invalid_grant" },
    ]);
  }
});

test("it never redirects to another machine, and shows a page instead", async () => {
  for (const uri of [
    "https://evil.example.com/",
    "http://127.0.0.1.evil.example.com/",
    "http://127.0.0.1@evil.example.com/",
    "http://user:pass@127.0.0.1/",
    "javascript:alert(1)",
    "data:text/html,x",
    "http://127.0.0.1/#x",
    "//evil.example.com",
    "",
  ]) {
    for (const init of [{}, { method: "POST" }]) {
      const response = await authorize({ redirect_uri: uri, name: "ada" }, init);
      expect([uri, response.status, response.headers.get("location")]).toEqual([uri, 400, null]);
      expect(await response.text()).toContain("not on this machine");
    }
  }
  for (const uri of ["http://localhost:1/x?y=1", `${new URL(issuer.url).origin}/app`]) {
    const response = await authorize({ redirect_uri: uri, name: "ada" }, { method: "POST" });
    expect(response.headers.get("location")).toMatch(new RegExp(`^${uri.replace("?", "\\?")}`));
  }
});

test.for([
  ["no PKCE", { code_challenge: "" }, "invalid_request"],
  ["plain PKCE", { code_challenge_method: "plain" }, "invalid_request"],
  ["the implicit flow", { response_type: "token" }, "invalid_request"],
  ["no client", { client_id: "" }, "invalid_request"],
  ["silence", { prompt: "none" }, "login_required"],
] as const)("a request with %s goes back with an error", async ([, changes, error]) => {
  const response = await authorize(changes);
  const { searchParams } = new URL(response.headers.get("location") ?? "");
  expect([response.status, searchParams.get("error"), searchParams.get("state")]).toEqual([
    303,
    error,
    "st&te",
  ]);
});

test.for([
  ["", "Enter a name."],
  ["   ", "Enter a name."],
  ["x".repeat(61), "Use at most 60 characters."],
  ["<b>ada</b>", "Use only letters"],
  ["ada@example.com", "Use only letters"],
  ["-ada", "Begin the name with a letter or a digit."],
  ["a\u0000b", "Use only letters"],
] as const)("the name %j is refused in words, and what was typed stays", async ([name, message]) => {
  const response = await authorize({ name }, { method: "POST" });
  const html = await response.text();
  expect(response.status).toBe(422);
  expect(html).toContain(message);
  expect(html).toContain('role="alert"');
  expect(html).toContain('aria-invalid="true"');
  expect(html).not.toContain("<b>");
  const byName = await post({ grant_type: "urn:t2m:name", name });
  expect([byName.status, await byName.json()]).toMatchObject([
    400,
    { error: "invalid_request", error_description: expect.stringContaining(message) },
  ]);
});

test("names of every script are people; case and spacing do not make another", async () => {
  const subjects = await Promise.all(
    ["Ada", " ada ", "ＡＤＡ", "李雷", "Zoë O’Neil", "zoe oneil"].map(async (name) => {
      const { sub, email } = decodeJwt((await signIn(name)).access_token);
      return [sub, email];
    }),
  );
  expect(subjects.map(([sub]) => sub)).toEqual(["ada", "ada", "ada", "李雷", "zoë o’neil", "zoe oneil"]);
  expect(new Set(subjects.map(([, email]) => email)).size).toBe(4);
});

test("the page is readable by machine and person, and cannot be framed or scripted", async () => {
  const response = await authorize({ state: `"><script>alert(1)</script>` });
  const html = await response.text();
  const policy = response.headers.get("content-security-policy") ?? "";
  expect(policy).toContain("default-src 'none'");
  expect(policy).toContain("frame-ancestors 'none'");
  expect(policy).toContain("form-action 'self' http://127.0.0.1:7777;");
  const style = /<style>([\s\S]*)<\/style>/.exec(html)?.[1] ?? "";
  expect(policy).toContain(`'sha256-${createHash("sha256").update(style).digest("base64")}'`);
  expect(html).not.toContain("<script>");
  for (const part of [
    'lang="en"',
    'name="viewport"',
    '<label for="name">',
    "<h1>",
    "color-scheme: light dark",
  ]) {
    expect(html).toContain(part);
  }
});

test("the form remembers who signed in, until they sign out", async () => {
  const signedIn = await authorize({ name: "Zoë" }, { method: "POST" });
  const cookie = signedIn.headers.get("set-cookie") ?? "";
  expect(cookie).toMatch(/Path=\/issuer; HttpOnly; SameSite=Lax/);
  const form = await authorize({}, { headers: { cookie: cookie.split(";")[0] ?? "" } });
  expect(await form.text()).toContain('value="Zoë"');
  const out = await fetch(`${issuer.url}/logout`);
  expect(out.headers.get("set-cookie")).toMatch(/^t2m_name=;.*Max-Age=0/);
  expect(await out.text()).toContain("signed out");
  const back = await fetch(
    `${issuer.url}/logout?state=1&post_logout_redirect_uri=${encodeURIComponent(redirectUri)}`,
    { redirect: "manual" },
  );
  expect(back.headers.get("location")).toBe(`${redirectUri}?state=1`);
  const away = await fetch(`${issuer.url}/logout?post_logout_redirect_uri=https://evil.example.com`);
  expect(away.status).toBe(200);
});

test("another site's page can neither post the form nor sign in by name", async () => {
  const headers = { origin: "https://evil.example.com" };
  expect((await authorize({ name: "ada" }, { method: "POST", headers })).status).toBe(403);
  const byName = await post({ grant_type: "urn:t2m:name", name: "ada" }, headers);
  expect([byName.status, await byName.json()]).toMatchObject([403, { error: "access_denied" }]);
  expect(byName.headers.get("access-control-allow-origin")).toBeNull();
  const own = { origin: new URL(issuer.url).origin };
  expect((await post({ grant_type: "urn:t2m:name", name: "ada" }, own)).status).toBe(200);
});

test("a refresh token gives new tokens of the same sign-in to its own client; an access token does not refresh", async () => {
  const first = Tokens.parse(await (await redeem(await codeFor("Ada"))).json());
  const refresh = (changes: Record<string, string>) =>
    post({ grant_type: "refresh_token", refresh_token: first.refresh_token, ...changes });
  const second = Tokens.parse(await (await refresh({ client_id: "t2m-web" })).json());
  expect(await verified(second.access_token, "t2m-test")).toMatchObject({ sub: "ada", name: "Ada" });
  expect(second.access_token).not.toBe(first.access_token);
  expect(decodeJwt(second.access_token).sid).toBe(decodeJwt(first.access_token).sid);
  expect(decodeJwt((await signIn("Ada")).access_token).sid).not.toBe(decodeJwt(first.access_token).sid);
  for (const changes of [
    { client_id: "other" },
    { refresh_token: first.access_token },
    { refresh_token: "x" },
  ]) {
    const response = await refresh(changes);
    expect([response.status, await response.json()]).toMatchObject([400, { error: "invalid_grant" }]);
  }
});

test("tokens outlive a restart, because the key does", async () => {
  const { access_token: token, refresh_token: refreshToken } = await signIn("ada");
  issuer = await createIssuer({ url: issuer.url, audience: issuer.audience, stateDirectory });
  expect(await verified(token, "t2m-test")).toMatchObject({ sub: "ada" });
  expect((await post({ grant_type: "refresh_token", refresh_token: refreshToken })).status).toBe(200);
});

test("a key file that is not one is an error that names the file", async () => {
  const broken = mkdtempSync(join(stateDirectory, "broken-"));
  writeFileSync(join(broken, "issuer-key.json"), '{"kty":"oct","k":"AAAA"}');
  await expect(createIssuer({ ...issuer, stateDirectory: broken })).rejects.toThrow(/issuer-key\.json/);
});

test("requests that are no requests are refused", async () => {
  for (const response of [
    await post({}),
    await post({ grant_type: "password", username: "a", password: "b" }),
    await fetch(`${issuer.url}/token`),
    await post({ grant_type: "urn:t2m:name", name: "x".repeat(100_000) }),
  ]) {
    expect([response.status, await response.json()]).toMatchObject([400, { error: expect.any(String) }]);
  }
});
