import { createHash } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Codes } from "./authorize.ts";
import { isFromOurPage, readForm, sendError, sendJson } from "./http.ts";
import { NameRefused, personOf } from "./people.ts";
import type { Grant, TokenMint } from "./tokens.ts";

/** Signs in by name alone, for command lines and tests. */
export const nameGrant = "urn:t2m:name";

const defaultScope = "openid profile email";

/** The token endpoint: https://www.rfc-editor.org/rfc/rfc6749#section-3.2, with PKCE. */
export async function handleToken(
  request: IncomingMessage,
  response: ServerResponse,
  context: { codes: Codes; mint: TokenMint },
): Promise<void> {
  const form = request.method === "POST" ? await readForm(request) : undefined;
  if (!form) {
    sendError(response, "invalid_request", "Post a form to this address");
    return;
  }
  const grant = await grantOf(form, request, context);
  if ("error" in grant) sendError(response, grant.error, grant.description, grant.status);
  else sendJson(response, 200, await context.mint.mint(grant));
}

type Refusal = { error: string; description: string; status?: number };

async function grantOf(
  form: Readonly<Record<string, string>>,
  request: IncomingMessage,
  { codes, mint }: { codes: Codes; mint: TokenMint },
): Promise<Grant | Refusal> {
  switch (form.grant_type) {
    case "authorization_code":
      return grantOfCode(form, codes);
    case "refresh_token":
      return mint.grantOf(form.refresh_token ?? "").then(
        (grant) =>
          form.client_id === undefined || form.client_id === grant.clientId
            ? grant
            : { error: "invalid_grant", description: "The refresh token is another client's" },
        () => ({ error: "invalid_grant", description: "The refresh token has expired or is not ours" }),
      );
    case nameGrant:
      return grantOfName(form, request);
    default:
      return { error: "unsupported_grant_type", description: "This issuer does not know that grant_type" };
  }
}

function grantOfCode(form: Readonly<Record<string, string>>, codes: Codes): Grant | Refusal {
  const granted = codes.redeem(form.code ?? "");
  if (!granted) return { error: "invalid_grant", description: "The code has expired or was used before" };
  if (granted.client_id !== form.client_id || granted.redirect_uri !== form.redirect_uri) {
    return { error: "invalid_grant", description: "The code was given to another client or redirect_uri" };
  }
  const challenge = createHash("sha256")
    .update(form.code_verifier ?? "")
    .digest("base64url");
  if (challenge !== granted.code_challenge) {
    return { error: "invalid_grant", description: "The code_verifier does not fit the code_challenge" };
  }
  return {
    person: granted.person,
    clientId: granted.client_id,
    scope: granted.scope ?? defaultScope,
    nonce: granted.nonce,
  };
}

function grantOfName(form: Readonly<Record<string, string>>, request: IncomingMessage): Grant | Refusal {
  // Any page in the browser can post here. It must not become whoever it likes.
  if (!isFromOurPage(request)) {
    return { error: "access_denied", description: "Pages sign in by the form", status: 403 };
  }
  try {
    return {
      person: personOf(form.name ?? ""),
      clientId: form.client_id || "t2m",
      scope: form.scope ?? defaultScope,
    };
  } catch (error) {
    if (error instanceof NameRefused) return { error: "invalid_request", description: error.message };
    throw error;
  }
}
