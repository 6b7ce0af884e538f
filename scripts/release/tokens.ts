import * as z from "zod/mini";

const Discovered = z.object({ token_endpoint: z.url() });
const Granted = z.object({ access_token: z.string() });

/**
 * Tokens of up to two people for the smoke run: given as they are (`T2M_SMOKE_TOKEN`, `T2M_SMOKE_SECOND_TOKEN`), or
 * got from the stage's issuer by client credentials (`T2M_SMOKE_CLIENT`, `T2M_SMOKE_SECOND_CLIENT`: `id:secret`).
 * Throws where there is none.
 */
export async function smokeTokens(): Promise<string[]> {
  const { env } = process;
  const given = [env.T2M_SMOKE_TOKEN, env.T2M_SMOKE_SECOND_TOKEN].flatMap((token) => token || []);
  if (given.length > 0) return given;
  const clients = [env.T2M_SMOKE_CLIENT, env.T2M_SMOKE_SECOND_CLIENT].flatMap((client) => client || []);
  if (clients.length === 0)
    throw new Error("Set T2M_SMOKE_CLIENT or T2M_SMOKE_TOKEN: the smoke run signs in by it");
  return await Promise.all(clients.map(grantedTo));
}

async function grantedTo(client: string): Promise<string> {
  const { T2M_ISSUER: issuer = "", T2M_AUDIENCE: audience = "" } = process.env;
  const [id = "", secret = ""] = client.split(":", 2);
  const known = await fetch(`${issuer.replace(/\/$/, "")}/.well-known/openid-configuration`);
  const { token_endpoint } = Discovered.parse(await known.json());
  const response = await fetch(token_endpoint, {
    method: "POST",
    headers: {
      authorization: `Basic ${Buffer.from(`${encodeURIComponent(id)}:${encodeURIComponent(secret)}`).toString("base64")}`,
    },
    body: new URLSearchParams({ grant_type: "client_credentials", audience }),
  });
  if (!response.ok) throw new Error(`${issuer} gave the smoke run no token: ${response.status}`);
  return Granted.parse(await response.json()).access_token;
}
