import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { type IncomingHttpHeaders, request } from "node:http";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Gateway, type GatewayOptions, startGateway } from "@t2m/local/gateway/server";
import { createIssuer, type Issuer } from "@t2m/local/issuer/issuer";
import { createPool, type Pool } from "@t2m/local/lambda/pool";
import { type CryptoKey, importJWK } from "jose";
import { bundleOf } from "../lambda/support.ts";

/** Answers its event, what it is told to return, or as badly as it is told to. */
const handler = `
  export const handler = async (event) => {
    const told = event.routeKey === "POST /told" ? JSON.parse(event.body) : {};
    if (told.fail) throw new Error("as told");
    if (told.waitMs) await new Promise((resolve) => setTimeout(resolve, told.waitMs));
    if ("result" in told) return told.result;
    return { statusCode: 200, headers: { "content-type": "application/json" }, body: JSON.stringify(event) };
  };`;

const streamingHandler = `
  import { setTimeout as wait } from "node:timers/promises";
  import { existsSync, writeFileSync } from "node:fs";
  export const handler = awslambda.streamifyResponse(async (event, stream) => {
    const out = awslambda.HttpResponseStream.from(stream, {
      statusCode: 200, headers: { "content-type": "text/event-stream", "cache-control": "no-store" }, cookies: ["seen=1"],
    });
    const how = event.rawPath.split("/").at(-1);
    if (how === "event") out.write(JSON.stringify(event));
    if (how === "steps") for (const n of [1, 2, 3]) {
      out.write("data: " + n + "\\n\\n");
      while (!existsSync(event.queryStringParameters.seen + n)) await wait(2);
    }
    if (how === "cut") { out.write("begun"); await wait(30); throw new Error("halfway"); }
    if (how === "refused") throw new Error("before the first byte");
    if (how === "endless") {
      while (!existsSync(event.queryStringParameters.until)) { out.write("data: 0\\n\\n"); await wait(2); }
      // More than anything between here and the reader holds.
      for (let n = 0; n < 256; n += 1) {
        if (!out.write("x".repeat(65_536))) await new Promise((resolve) => out.once("drain", resolve));
      }
      writeFileSync(event.queryStringParameters.until + ".seen", "");
    }
    out.end();
  });`;

export type Stage = {
  gateway: Gateway;
  issuer: Issuer;
  pools: { plain: Pool; streaming: Pool };
  directory: string;
  privateKey: CryptoKey;
  signIn(name: string): Promise<string>;
  stop(): Promise<void>;
};

/** A gateway with an issuer and two functions, all real. */
export async function startStage(options: Partial<GatewayOptions> = {}): Promise<Stage> {
  const directory = mkdtempSync(join(tmpdir(), "t2m-gateway-"));
  const port = await freePort();
  const url = `http://127.0.0.1:${port}/issuer`;
  const issuer = await createIssuer({ url, audience: "t2m-test", stateDirectory: join(directory, "issuer") });
  const shared = {
    memoryMb: 256,
    timeoutSeconds: 20,
    environment: {},
    temporaryRoot: directory,
    onLog: () => undefined,
    onFailure: () => undefined,
  };
  const pools = {
    plain: createPool({ ...shared, name: "plain", file: bundleOf(handler, directory, "plain") }),
    streaming: createPool({
      ...shared,
      name: "streaming",
      file: bundleOf(streamingHandler, directory, "streaming"),
    }),
  };
  const gateway = await startGateway({
    port,
    apiPrefix: "/api",
    routes: [
      { method: "GET", path: "/public", access: "public", pool: pools.plain },
      { method: "POST", path: "/told", access: "public", pool: pools.plain },
      { method: "GET", path: "/jobs/{jobId}", access: "user", pool: pools.plain },
      { method: "GET", path: "/jobs/mine", access: "user", pool: pools.plain },
      { method: "PUT", path: "/jobs/{jobId}/parts/{number}", access: "public", pool: pools.plain },
      { method: "GET", path: "/jobs/{jobId}/{how}", access: "user", pool: pools.streaming, streaming: true },
    ],
    issuer,
    allowedOrigins: ["https://app.example.com"],
    mounts: [{ prefix: "/issuer", handle: (incoming, response) => issuer.handle(incoming, response) }],
    ...options,
  });
  const jwk = JSON.parse(readFileSync(join(directory, "issuer", "issuer-key.json"), "utf8"));
  const privateKey = await importJWK(jwk, "RS256");
  if (privateKey instanceof Uint8Array) throw new Error("The issuer's key is not an RSA key");
  return {
    gateway,
    issuer,
    pools,
    directory,
    privateKey,
    async signIn(name) {
      const body = new URLSearchParams({ grant_type: "urn:t2m:name", name });
      const response = await fetch(`${url}/token`, { method: "POST", body });
      const { access_token: token } = (await response.json()) as { access_token: string };
      return token;
    },
    async stop() {
      await gateway.stop();
      await Promise.all(Object.values(pools).map((pool) => pool.stop()));
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === "string") throw new Error("No port");
  return address.port;
}

export type RawResponse = { status: number; headers: IncomingHttpHeaders; text: string };

/** A request as it is written: fetch would tidy the path and choose headers. */
export function rawRequest(
  port: number,
  path: string,
  options: {
    method?: string;
    headers?: Record<string, string | string[]> | readonly string[];
    body?: string | Buffer;
  } = {},
): Promise<RawResponse> {
  return new Promise((resolve, reject) => {
    const { method = "GET", headers = {}, body } = options;
    const outgoing = request({ port, host: "127.0.0.1", path, method, headers });
    outgoing.on("error", reject);
    outgoing.on("response", (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("error", reject);
      response.on("end", () =>
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          text: Buffer.concat(chunks).toString(),
        }),
      );
    });
    outgoing.end(body);
  });
}
