import * as oauth from "oauth4webapi";

/** Who signs people in for a stage, and as what we come to it; `/config.json` tells. */
export type Relying = { issuer: string; clientId: string; audience: string };

export type Tokens = {
  accessToken: string;
  refreshToken?: string;
  /** Epoch milliseconds; absent where the issuer does not say. */
  expiresAt?: number;
};

/** What must be kept between leaving for the issuer's page and coming back. */
export type PendingSignIn = { url: string; redirectUri: string; verifier: string; state: string };

/** The issuer refused, or the person did. */
export class SignInFailed extends Error {
  override readonly name = "SignInFailed";
}

const nameGrant = "urn:t2m:name";

/** Begins a sign-in by authorization code with PKCE: send the person to `url`. */
export async function beginSignIn(relying: Relying, redirectUri: string): Promise<PendingSignIn> {
  const server = await serverOf(relying);
  if (!server.authorization_endpoint) throw new SignInFailed(`${relying.issuer} has no sign-in page`);
  const verifier = oauth.generateRandomCodeVerifier();
  const state = oauth.generateRandomState();
  const url = new URL(server.authorization_endpoint);
  const parameters = {
    response_type: "code",
    client_id: relying.clientId,
    redirect_uri: redirectUri,
    scope: "openid profile offline_access",
    audience: relying.audience,
    code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
    code_challenge_method: "S256",
    state,
  };
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
  return { url: url.href, redirectUri, verifier, state };
}

/** Ends it with the address that the issuer sent the person back to. Throws `SignInFailed`. */
export async function finishSignIn(
  relying: Relying,
  pending: PendingSignIn,
  cameBackTo: URL,
): Promise<Tokens> {
  const server = await serverOf(relying);
  const client = { client_id: relying.clientId };
  return refusedAsFailure(async () => {
    const parameters = oauth.validateAuthResponse(server, client, cameBackTo, pending.state);
    const { redirectUri, verifier } = pending;
    const response = await oauth.authorizationCodeGrantRequest(
      server,
      client,
      oauth.None(),
      parameters,
      redirectUri,
      verifier,
      insecureWhereLocal(relying),
    );
    return tokensOf(await oauth.processAuthorizationCodeResponse(server, client, response));
  });
}

/** New tokens by the refresh token. Throws `SignInFailed` where it is no longer good. */
export async function renewTokens(relying: Relying, refreshToken: string): Promise<Tokens> {
  const server = await serverOf(relying);
  const client = { client_id: relying.clientId };
  return refusedAsFailure(async () => {
    const options = insecureWhereLocal(relying);
    const response = await oauth.refreshTokenGrantRequest(
      server,
      client,
      oauth.None(),
      refreshToken,
      options,
    );
    const renewed = tokensOf(await oauth.processRefreshTokenResponse(server, client, response));
    return { refreshToken, ...renewed };
  });
}

/**
 * Signs in by a name alone, which only the development issuer of a stack on this machine allows.
 * Undefined where the issuer is another.
 */
export async function signInByName(relying: Relying, name: string): Promise<Tokens | undefined> {
  const server = await serverOf(relying);
  if (!server.grant_types_supported?.includes(nameGrant)) return undefined;
  const client = { client_id: relying.clientId };
  return refusedAsFailure(async () => {
    const parameters = { name, audience: relying.audience };
    const options = insecureWhereLocal(relying);
    const response = await oauth.genericTokenEndpointRequest(
      server,
      client,
      oauth.None(),
      nameGrant,
      parameters,
      options,
    );
    return tokensOf(await oauth.processGenericTokenEndpointResponse(server, client, response));
  });
}

async function serverOf(relying: Relying): Promise<oauth.AuthorizationServer> {
  const issuer = new URL(relying.issuer);
  const response = await oauth.discoveryRequest(issuer, insecureWhereLocal(relying));
  return oauth.processDiscoveryResponse(issuer, response);
}

/** Without TLS only where nothing leaves the machine. */
function insecureWhereLocal({ issuer }: Relying) {
  const { protocol, hostname } = new URL(issuer);
  const local = hostname === "localhost" || hostname === "[::1]" || hostname.startsWith("127.");
  return { [oauth.allowInsecureRequests]: protocol === "http:" && local };
}

function tokensOf(response: oauth.TokenEndpointResponse): Tokens {
  return {
    accessToken: response.access_token,
    ...(response.refresh_token && { refreshToken: response.refresh_token }),
    ...(response.expires_in !== undefined && { expiresAt: Date.now() + response.expires_in * 1000 }),
  };
}

async function refusedAsFailure<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof oauth.AuthorizationResponseError || error instanceof oauth.ResponseBodyError)
      throw new SignInFailed(error.error_description ?? error.error, { cause: error });
    if (error instanceof oauth.OperationProcessingError)
      throw new SignInFailed(error.message, { cause: error });
    throw error;
  }
}
