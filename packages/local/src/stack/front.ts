import type { ServerResponse } from "node:http";
import * as z from "zod/mini";
import { type Mount, startGateway } from "../gateway/server.ts";
import { createIssuer } from "../issuer/issuer.ts";
import { nameGrant } from "../issuer/token.ts";
import type { Pool } from "../lambda/pool.ts";
import type { Manifest } from "./manifest.ts";
import type { Shutdown } from "./shutdown.ts";
import { poolOf } from "./triggers.ts";

export type FrontOptions = {
  manifest: Manifest;
  pools: ReadonlyMap<string, Pool>;
  url: string;
  issuerUrl: string;
  audience: string;
  directory: string;
  /** The origins that the page has, and that of S3, which it talks to beside its own. */
  origins: readonly string[];
  s3Endpoint: string;
  /** Built files of the page. */
  pageDirectory?: string;
  shutdown: Shutdown;
};

export const audience = "t2m";
const clientId = "t2m";
const Tokens = z.object({ access_token: z.string() });

/** Opens the one origin: API, page, issuer and what the page must know of its stage. */
export async function openFront(options: FrontOptions): Promise<void> {
  const { manifest, pools, url, issuerUrl, directory, pageDirectory, shutdown } = options;
  const issuer = await createIssuer({
    url: issuerUrl,
    audience: options.audience,
    stateDirectory: directory,
  });
  const hasRecord = Object.values(manifest.functions).some((spec) => spec.database);
  const config = { apiUrl: "/api", issuer: issuerUrl, clientId, audience: options.audience, hasRecord };
  const mounts: Mount[] = [
    { prefix: "/issuer", handle: issuer.handle },
    { prefix: "/config.json", handle: (_request, response) => sendJson(response, config) },
  ];
  const gateway = await startGateway({
    port: Number(new URL(url).port),
    apiPrefix: "/api",
    routes: manifest.routes.map(({ route, function: name }) => ({
      method: route.method,
      path: route.path,
      access: route.access,
      pool: poolOf(pools, name),
      ...(manifest.functions[name]?.streaming ? { streaming: true } : {}),
    })),
    issuer,
    allowedOrigins: options.origins,
    connectOrigins: [new URL(options.s3Endpoint).origin],
    mounts,
    ...(pageDirectory ? { staticDirectory: pageDirectory } : {}),
  });
  shutdown.add("front", () => gateway.stop());
}

function sendJson(response: ServerResponse, body: object): void {
  response
    .writeHead(200, { "content-type": "application/json", "cache-control": "no-cache" })
    .end(JSON.stringify(body));
}

/** A bearer token of the development issuer for the person of this name. */
export async function tokenFor(issuerUrl: string, name: string): Promise<string> {
  const response = await fetch(`${issuerUrl}/token`, {
    method: "POST",
    body: new URLSearchParams({ grant_type: nameGrant, name, client_id: clientId }),
  });
  if (!response.ok) throw new Error(`The issuer refused ${name}: ${await response.text()}`);
  return Tokens.parse(await response.json()).access_token;
}
