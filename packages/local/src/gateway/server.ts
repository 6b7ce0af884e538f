import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { isIPv6 } from "node:net";
import { resolve } from "node:path";
import { type ApiOptions, createApi } from "./api.ts";
import { serveFile } from "./static-files.ts";

export type Mount = {
  /** `/issuer` takes `/issuer` and all below. */
  prefix: `/${string}`;
  handle(request: IncomingMessage, response: ServerResponse): void | Promise<void>;
};

export type GatewayOptions = ApiOptions & {
  /** 0 takes a free one. */
  port: number;
  /** 127.0.0.1 where absent. */
  host?: string;
  apiPrefix: `/${string}`;
  staticDirectory?: string;
  /** Origins beside its own that the page may talk to and show media of: that of S3. */
  connectOrigins?: readonly string[];
  mounts?: readonly Mount[];
  /** Names by which it may be called beside those of the loopback, as behind a tunnel. */
  allowedHosts?: readonly string[];
};

export type Gateway = {
  url: string;
  port: number;
  /** Lets requests finish for a second, ends streams at once. */
  stop(): Promise<void>;
};

const graceMs = 1_000;
/** Longer than clients keep theirs, so that they close first and no request meets a closing connection. */
const keepAliveMs = 75_000;

/** One origin for the API, the page and what is mounted beside them. */
export async function startGateway(options: GatewayOptions): Promise<Gateway> {
  const host = options.host ?? "127.0.0.1";
  const answer = requestHandler(options, host);
  const open = new Set<ServerResponse>();
  const server = createServer((request, response) => {
    open.add(response);
    response.on("close", () => open.delete(response));
    answer(request, response).catch((error: unknown) => {
      console.error(error);
      if (response.headersSent) response.destroy();
      else response.writeHead(500).end();
    });
  });
  server.keepAliveTimeout = keepAliveMs;
  await new Promise<void>((listening, reject) => {
    server.once("error", reject);
    server.listen(options.port, host, listening);
  });
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("The gateway has no port");

  return {
    url: `http://${isIPv6(host) ? `[${host}]` : host}:${address.port}`,
    port: address.port,
    async stop() {
      const closed = new Promise((done) => server.close(done));
      server.closeIdleConnections();
      for (const response of open) {
        if (response.headersSent) response.destroy();
        else response.setHeader("connection", "close");
      }
      const cut = setTimeout(() => server.closeAllConnections(), graceMs);
      await closed;
      clearTimeout(cut);
    },
  };
}

function requestHandler(
  options: GatewayOptions,
  host: string,
): (request: IncomingMessage, response: ServerResponse) => Promise<void> {
  const api = createApi(options);
  const directory = options.staticDirectory && resolve(options.staticDirectory);
  const isOurName = hostCheck(host, options.allowedHosts ?? []);

  return async (request, response) => {
    const target = request.url ?? "";
    if (!isOurName(request.headers.host)) {
      response.writeHead(421).end();
      return;
    }
    if (!target.startsWith("/")) {
      response.writeHead(400).end();
      return;
    }
    const [path = "", rawQueryString = ""] = splitAt(target, "?");
    if (isBelow(path, options.apiPrefix)) {
      const rawPath = path.slice(options.apiPrefix.length) || "/";
      return api(request, response, { rawPath, rawQueryString });
    }
    const mount = options.mounts?.find(({ prefix }) => isBelow(path, prefix));
    if (mount) return mount.handle(request, response);
    if (directory) {
      return serveFile({ directory, connectOrigins: options.connectOrigins ?? [] }, path, request, response);
    }
    response.writeHead(404).end();
  };
}

function splitAt(text: string, separator: string): [string, string] {
  const place = text.indexOf(separator);
  return place < 0 ? [text, ""] : [text.slice(0, place), text.slice(place + 1)];
}

function isBelow(path: string, prefix: string): boolean {
  return path === prefix || path.startsWith(`${prefix}/`);
}

/**
 * On the loopback, only its own names are answered: a foreign page whose name resolves to 127.0.0.1 (DNS rebinding)
 * would otherwise count as our origin.
 */
function hostCheck(host: string, allowedHosts: readonly string[]): (header: string | undefined) => boolean {
  const loopback = ["127.0.0.1", "localhost", "[::1]"];
  if (!["127.0.0.1", "localhost", "::1"].includes(host)) return () => true;
  const names = [...loopback, ...allowedHosts];
  return (header) => names.includes((header ?? "").replace(/:\d+$/, "").toLowerCase());
}
