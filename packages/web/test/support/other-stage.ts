import { request as ask, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer } from "node:https";
import { selfSigned } from "./certificate.ts";

/**
 * What becomes of event streams on the way: refused by a status, cut off after their first bytes, or neither let
 * through nor refused. Proxies do all of these.
 */
export type StreamFate = "passed" | 403 | 502 | "cut" | "silent";

export type OtherStage = {
  url: string;
  /** Paths of the API that were asked for here, in order. */
  asked: string[];
  /** For the streams that are asked for from now on. */
  streams: (fate: StreamFate) => void;
  /** Whether what Postgres answers is refused from now on, as where it is away. */
  record: (isThere: boolean) => void;
  close: () => Promise<void>;
};

const ofRecord = /^\/(history|me|files|shared|batches|queue|admin)\b/;
const awayProblem = {
  type: "about:blank",
  title: "Away",
  status: 503,
  detail: "The record does not answer.",
  code: "service.unavailable",
};

const isStream = ({ url = "" }: IncomingMessage) => /\/jobs\/[^/]+\/events$/.test(url);

/**
 * Serves the very files of the stack's page as another stage would: behind HTTPS, with a `config.json` of its own
 * that names another address of the API, and with the issuer on another origin; on demand one that keeps no record.
 */
export async function openOtherStage(
  stack: { url: string; issuerUrl: string },
  apiPath: string,
  { keepsRecord = true } = {},
): Promise<OtherStage> {
  const asked: string[] = [];
  const shared: { apiUrl: string } = await (await fetch(`${stack.url}/config.json`)).json();
  const config = JSON.stringify({ ...shared, apiUrl: apiPath, hasRecord: keepsRecord });

  let streamFate: StreamFate = "passed";
  let hasRecord = true;

  // Without kept connections: one that the stack closes meanwhile would look like a broken stage.
  const pass = (incoming: IncomingMessage, response: ServerResponse, path: string) => {
    const isCut = streamFate === "cut" && isStream(incoming);
    const { method, headers } = incoming;
    const outgoing = ask(new URL(path, stack.url), { agent: false, method, headers }, (answer) => {
      const policy = String(answer.headers["content-security-policy"] ?? "");
      const withIssuer = policy.replace("connect-src", `connect-src ${new URL(stack.issuerUrl).origin}`);
      response.writeHead(answer.statusCode ?? 502, {
        ...answer.headers,
        ...(policy ? { "content-security-policy": withIssuer } : {}),
      });
      if (isCut) answer.once("data", (bytes) => response.write(bytes, () => response.destroy()));
      else answer.pipe(response);
    });
    outgoing.on("error", () => response.destroy());
    response.on("close", () => outgoing.destroy());
    incoming.pipe(outgoing);
  };

  const server = createServer(selfSigned(), (incoming, response) => {
    const path = incoming.url ?? "/";
    if (path === "/config.json") {
      response.writeHead(200, { "content-type": "application/json" }).end(config);
      return;
    }
    if (!path.startsWith(`${apiPath}/`)) return pass(incoming, response, path);
    asked.push(path.slice(apiPath.length));
    if (!keepsRecord && ofRecord.test(path.slice(apiPath.length))) {
      // As an HTTP API answers where it has no route.
      response.writeHead(404, { "content-type": "application/json" }).end('{"message":"Not Found"}');
      return;
    }
    if (!hasRecord && ofRecord.test(path.slice(apiPath.length))) {
      const headers = { "content-type": "application/problem+json", "retry-after": "2" };
      response.writeHead(503, headers).end(JSON.stringify(awayProblem));
      return;
    }
    if (isStream(incoming) && streamFate === "silent") return;
    if (isStream(incoming) && typeof streamFate === "number") {
      response.writeHead(streamFate, { "content-type": "text/html" }).end("<h1>Not through here</h1>");
      return;
    }
    pass(incoming, response, `${shared.apiUrl}${path.slice(apiPath.length)}`);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  return {
    url: `https://127.0.0.1:${typeof address === "object" ? address?.port : 0}`,
    asked,
    streams: (fate) => {
      streamFate = fate;
    },
    record: (isThere) => {
      hasRecord = isThere;
    },
    close: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}
