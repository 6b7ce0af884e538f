import { randomBytes } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import * as z from "zod/mini";
import { fieldsOf, isFromOurPage, isLoopback, readForm, sendPage } from "./http.ts";
import { messagePage, signInPage } from "./page.ts";
import { NameRefused, type Person, personOf } from "./people.ts";

const codeSeconds = 60;

const AuthorizationRequest = z.object({
  response_type: z.literal("code", "response_type must be code"),
  client_id: z.string("client_id is missing").check(z.minLength(1), z.maxLength(200)),
  redirect_uri: z.string(),
  code_challenge: z
    .string("code_challenge is missing: PKCE is required")
    .check(z.regex(/^[\w-]{43}$/, "code_challenge must be a SHA-256 in base64url")),
  code_challenge_method: z.literal("S256", "code_challenge_method must be S256"),
  scope: z.optional(z.string().check(z.maxLength(500))),
  state: z.optional(z.string().check(z.maxLength(4_000))),
  nonce: z.optional(z.string().check(z.maxLength(500))),
  prompt: z.optional(z.string()),
});
type AuthorizationRequest = z.infer<typeof AuthorizationRequest>;

export type CodeGrant = AuthorizationRequest & { person: Person; expiresAtMs: number };

/** The authorization codes that are not yet redeemed. */
export class Codes {
  readonly #grants = new Map<string, CodeGrant>();

  issue(request: AuthorizationRequest, person: Person): string {
    const now = Date.now();
    for (const [code, { expiresAtMs }] of this.#grants) if (expiresAtMs < now) this.#grants.delete(code);
    const code = randomBytes(32).toString("base64url");
    this.#grants.set(code, { ...request, person, expiresAtMs: now + codeSeconds * 1000 });
    return code;
  }

  /** A code is good once, and for a minute. */
  redeem(code: string): CodeGrant | undefined {
    const grant = this.#grants.get(code);
    this.#grants.delete(code);
    return grant && grant.expiresAtMs >= Date.now() ? grant : undefined;
  }
}

const nameCookie = "t2m_name";

/** The authorization endpoint: a form that asks for a name, then a code for whoever it is. */
export async function handleAuthorize(
  request: IncomingMessage,
  response: ServerResponse,
  context: { url: string; codes: Codes },
): Promise<void> {
  const isPost = request.method === "POST";
  const address = new URL(request.url ?? "", context.url);
  const fields = isPost ? await readForm(request) : fieldsOf(address.searchParams);
  if (!fields || (isPost && !isFromOurPage(request))) {
    sendPage(response, 403, messagePage("Not signed in", "This form was sent by another page."));
    return;
  }
  const redirectUri = fields.redirect_uri;
  if (!redirectUri || !isAllowedRedirect(redirectUri, context.url)) {
    const message = "The page that sent you here is not on this machine, so it cannot sign you in.";
    sendPage(response, 400, messagePage("Not signed in", message));
    return;
  }
  const parsed = AuthorizationRequest.safeParse(fields);
  if (!parsed.success) {
    const description = parsed.error.issues[0]?.message ?? "The request is not valid";
    redirect(response, redirectUri, {
      error: "invalid_request",
      error_description: description,
      state: fields.state,
    });
    return;
  }
  if (parsed.data.prompt === "none") {
    redirect(response, redirectUri, { error: "login_required", state: fields.state });
    return;
  }
  if (!isPost) {
    sendForm(response, 200, parsed.data, context.url, { name: rememberedName(request) });
    return;
  }
  try {
    const person = personOf(fields.name ?? "");
    const path = new URL(context.url).pathname;
    response.setHeader(
      "set-cookie",
      `${nameCookie}=${encodeURIComponent(person.name)}; Path=${path}; HttpOnly; SameSite=Lax; Max-Age=31536000`,
    );
    const code = context.codes.issue(parsed.data, person);
    redirect(response, redirectUri, { code, state: fields.state, iss: context.url });
  } catch (error) {
    if (!(error instanceof NameRefused)) throw error;
    sendForm(response, 422, parsed.data, context.url, { name: fields.name ?? "", problem: error.message });
  }
}

function sendForm(
  response: ServerResponse,
  status: number,
  request: AuthorizationRequest,
  url: string,
  shown: { name: string; problem?: string },
): void {
  const fields = Object.fromEntries(
    Object.entries(request).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
  const html = signInPage({ action: `${new URL(url).pathname}/authorize`, fields, ...shown });
  sendPage(response, status, html, new URL(request.redirect_uri).origin);
}

/** On this machine, or of our own origin; and nothing that would hide where it leads. */
export function isAllowedRedirect(redirectUri: string, issuerUrl: string): boolean {
  const parsed = URL.parse(redirectUri);
  if (parsed?.hash !== "" || parsed.username !== "" || parsed.password !== "") return false;
  return isLoopback(redirectUri) || parsed.origin === new URL(issuerUrl).origin;
}

export function redirect(
  response: ServerResponse,
  to: string,
  parameters: Readonly<Record<string, string | undefined>>,
): void {
  const target = new URL(to);
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== undefined) target.searchParams.set(name, value);
  }
  response.writeHead(303, { location: target.href, "cache-control": "no-store" }).end();
}

function rememberedName({ headers }: IncomingMessage): string {
  const value = new RegExp(`(?:^|; *)${nameCookie}=([^;]*)`).exec(headers.cookie ?? "")?.[1] ?? "";
  try {
    return decodeURIComponent(value);
  } catch {
    return "";
  }
}

/** Signing out forgets the name; the tokens are the client's to throw away. */
export function handleLogout(request: IncomingMessage, response: ServerResponse, url: string): void {
  const address = new URL(request.url ?? "", url);
  const target = address.searchParams.get("post_logout_redirect_uri");
  const path = new URL(url).pathname;
  response.setHeader("set-cookie", `${nameCookie}=; Path=${path}; HttpOnly; SameSite=Lax; Max-Age=0`);
  if (target && isAllowedRedirect(target, url)) {
    redirect(response, target, { state: address.searchParams.get("state") ?? undefined });
    return;
  }
  sendPage(response, 200, messagePage("Signed out", "You are signed out on this machine."));
}
