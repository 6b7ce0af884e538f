import type { IncomingMessage, ServerResponse } from "node:http";
import type { JWTVerifyGetKey } from "jose";
import { Codes, handleAuthorize, handleLogout } from "./authorize.ts";
import { isLoopback, sendJson } from "./http.ts";
import { signingKey } from "./keys.ts";
import { handleToken, nameGrant } from "./token.ts";
import { tokenMint } from "./tokens.ts";

export type IssuerOptions = {
  /** Where it is mounted, as browsers reach it: `http://127.0.0.1:3000/issuer`. It is the tokens' `iss`. */
  url: string;
  /** The access tokens' `aud`. */
  audience: string;
  /** Keeps the signing key. */
  stateDirectory: string;
};

export type Issuer = {
  url: string;
  audience: string;
  /** For whoever verifies its tokens in this process. */
  keys: JWTVerifyGetKey;
  /** Answers every request at and below the URL's path. */
  handle(request: IncomingMessage, response: ServerResponse): Promise<void>;
};

/**
 * An OpenID Connect issuer for one machine: authorization code with PKCE behind a page that asks for a name, refresh
 * tokens, and a grant by name alone for command lines. It keeps no accounts and no passwords; never expose it.
 */
export async function createIssuer({ url, audience, stateDirectory }: IssuerOptions): Promise<Issuer> {
  const key = await signingKey(stateDirectory);
  const codes = new Codes();
  const mint = tokenMint({ url, audience, key });
  const prefix = new URL(url).pathname;
  const discovery = discoveryDocument(url);

  return {
    url,
    audience,
    keys: key.verify,
    async handle(request, response) {
      allowLoopbackOrigin(request, response);
      const path = (request.url ?? "").split("?")[0]?.slice(prefix.length);
      switch (path) {
        case "/.well-known/openid-configuration":
          sendJson(response, 200, discovery);
          return;
        case "/jwks":
          sendJson(response, 200, key.publicKeys);
          return;
        case "/authorize":
          response.removeHeader("access-control-allow-origin");
          return handleAuthorize(request, response, { url, codes });
        case "/token":
          return handleToken(request, response, { codes, mint });
        case "/logout":
          handleLogout(request, response, url);
          return;
        default:
          sendJson(response, 404, { error: "not_found" });
      }
    },
  };
}

/** A page opened as `localhost` calls the issuer at `127.0.0.1`, which browsers hold to be another origin. */
function allowLoopbackOrigin({ headers }: IncomingMessage, response: ServerResponse): void {
  if (headers.origin === undefined || !isLoopback(headers.origin)) return;
  response.setHeader("access-control-allow-origin", headers.origin);
  response.setHeader("vary", "origin");
}

function discoveryDocument(url: string): Record<string, unknown> {
  return {
    issuer: url,
    authorization_endpoint: `${url}/authorize`,
    token_endpoint: `${url}/token`,
    jwks_uri: `${url}/jwks`,
    end_session_endpoint: `${url}/logout`,
    response_types_supported: ["code"],
    response_modes_supported: ["query"],
    grant_types_supported: ["authorization_code", "refresh_token", nameGrant],
    code_challenge_methods_supported: ["S256"],
    token_endpoint_auth_methods_supported: ["none"],
    subject_types_supported: ["public"],
    id_token_signing_alg_values_supported: ["RS256"],
    scopes_supported: ["openid", "profile", "email"],
    claims_supported: ["sub", "name", "email"],
    authorization_response_iss_parameter_supported: true,
  };
}
