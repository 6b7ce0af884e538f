import { mkdirSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { join } from "node:path";
import * as z from "zod/mini";
import { authenticate, type Credentials } from "./auth.ts";
import { Blobs } from "./blobs.ts";
import { allowOrigin, preflight } from "./cors.ts";
import { Database } from "./database.ts";
import { S3Error } from "./errors.ts";
import { type Exchange, openExchange, sendError } from "./exchange.ts";
import { Faults } from "./faults.ts";
import { type OnEvent, Outbox } from "./outbox.ts";
import { route } from "./router.ts";
import type { Store } from "./store.ts";

export type { S3Event, S3EventRecord } from "./events.ts";

export type RequestLine = {
  method: string;
  path: string;
  query: URLSearchParams;
  status: number;
  /** Of the bodies alone. */
  bytesIn: number;
  bytesOut: number;
};

export type S3Options = {
  /** Holds everything: `index.db` and `blobs/`. One server at a time. */
  directory: string;
  /** Default: a free one. */
  port?: number;
  region: string;
  credentials: Credentials;
  /** Of a part that is not the last; default 5 MiB, as S3. */
  minimumPartBytes?: number;
  /** Gets every object created or removed, whatever the bucket's notifications say, at least once:
   * an event is sent again, also after a restart, until the promise resolves. */
  onEvent?: OnEvent;
  /** After each request. */
  onRequest?: (line: RequestLine) => void;
};

export type S3Server = {
  url: string;
  port: number;
  /** For tests: what shall go wrong. */
  faults: Faults;
  /** Breaks connections, lets running requests end and closes the index. */
  stop(): Promise<void>;
};

const MINIMUM_PART_BYTES = 5 * 1024 ** 2;
const DRAIN_MILLISECONDS = 2000;

/** Starts our S3-compatible server on 127.0.0.1, path-style addresses alone.
 * @throws when another server holds the directory or the port */
export async function startS3(options: S3Options): Promise<S3Server> {
  const { region, onEvent = null, minimumPartBytes = MINIMUM_PART_BYTES } = options;
  mkdirSync(options.directory, { recursive: true });
  const database = new Database(join(options.directory, "index.db"));
  const blobs = new Blobs(join(options.directory, "blobs"));
  const outbox = new Outbox(database, region, onEvent);
  const store: Store = { region, minimumPartBytes, database, blobs, outbox };
  collectOrphans(store);

  const faults = new Faults();
  const running = new Set<Promise<void>>();
  const accept = (request: IncomingMessage, response: ServerResponse, waits: boolean) => {
    const work = handle(store, options, faults, request, response, waits);
    running.add(work);
    void work.finally(() => running.delete(work));
  };
  // A part of 5 GiB over a slow line takes hours: only the head has a time limit.
  const limits = { requestTimeout: 0, headersTimeout: 60_000, keepAliveTimeout: 30_000 };
  const server = createServer({ ...limits, noDelay: true, highWaterMark: 256 * 1024 }, (request, response) =>
    accept(request, response, false),
  );
  server.on("checkContinue", (request, response) => accept(request, response, true));
  const port = await new Promise<number>((resolve, reject) => {
    server.once("error", reject);
    server.listen(options.port ?? 0, "127.0.0.1", () => {
      const address = server.address();
      resolve(typeof address === "object" && address ? address.port : 0);
    });
  }).catch((error: unknown) => {
    database.close();
    throw error;
  });
  outbox.deliver();
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    faults,
    async stop() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
      await Promise.allSettled(running);
      outbox.close();
      database.close();
    },
  };
}

function collectOrphans({ database, blobs }: Store): void {
  const Named = z.object({ blob: z.string() });
  const rows = database.all(Named, "select blob from piece union all select blob from part");
  const named = new Set(rows.map((row) => row.blob));
  blobs.removeOrphans((id) => named.has(id));
}

async function handle(
  store: Store,
  options: S3Options,
  faults: Faults,
  request: IncomingMessage,
  response: ServerResponse,
  waitsForContinue: boolean,
): Promise<void> {
  let exchange: Exchange | null = null;
  try {
    exchange = openExchange(request, response);
    await answer(store, options, faults, exchange, waitsForContinue);
  } catch (error) {
    refuse(exchange, request, response, error);
  }
  if (!exchange) return;
  const { method, path, query, bytesIn, bytesOut } = exchange;
  options.onRequest?.({ method, path, query, status: response.statusCode, bytesIn, bytesOut });
}

async function answer(
  store: Store,
  options: S3Options,
  faults: Faults,
  exchange: Exchange,
  waitsForContinue: boolean,
): Promise<void> {
  const { request, response, headers } = exchange;
  exchange.fault = faults.take(exchange);
  const { fault } = exchange;
  const hasBody = Number(headers["content-length"] ?? 0) > 0 || headers["transfer-encoding"] !== undefined;
  const streams = hasBody || (exchange.method === "GET" && exchange.key !== "");
  if (fault?.kind === "cut" && !streams) return void request.destroy();
  if (exchange.bucket) allowOrigin(store.database, exchange);
  if (fault?.kind === "refuse")
    throw new S3Error(fault.code ?? "SlowDown", fault.status ?? 503, "Please reduce your request rate.");
  if (exchange.method === "OPTIONS") return preflight(store.database, exchange);
  // Before the client is told to go on: a body that would be refused need not be sent.
  exchange.signer = authenticate(exchange, options.credentials, options.region);
  if (waitsForContinue) response.writeContinue();
  if (fault?.kind === "mute") response.end = () => response.destroy();
  await route(store, exchange);
}

function refuse(
  exchange: Exchange | null,
  request: IncomingMessage,
  response: ServerResponse,
  error: unknown,
): void {
  const known = error instanceof S3Error ? error : internalError(error);
  if (response.headersSent || !exchange) {
    if (!response.headersSent) response.writeHead(known.status);
    response.destroy();
    return;
  }
  if (!request.complete) {
    // The rest of the body is of no use: the client gets a moment to read why, then the line is closed.
    response.setHeader("Connection", "close");
    request.resume();
    setTimeout(() => request.complete || request.destroy(), DRAIN_MILLISECONDS).unref();
  }
  sendError(exchange, known);
}

function internalError(error: unknown): S3Error {
  console.error("s3:", error);
  return new S3Error("InternalError", 500, "We encountered an internal error. Please try again.");
}
