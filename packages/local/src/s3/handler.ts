import type { IncomingMessage, ServerResponse } from "node:http";
import { authenticate, type Credentials } from "./auth.ts";
import { allowOrigin, preflight } from "./cors.ts";
import { S3Error } from "./errors.ts";
import { type Exchange, openExchange, sendError } from "./exchange.ts";
import type { Faults } from "./faults.ts";
import { route } from "./router.ts";
import type { Store } from "./store.ts";

export type RequestLine = {
  method: string;
  path: string;
  query: URLSearchParams;
  status: number;
  /** Of the bodies alone. */
  bytesIn: number;
  bytesOut: number;
};

type HandlerOptions = {
  region: string;
  credentials: Credentials;
  otherAccessKeyIds?: ReadonlySet<string>;
  onRequest?: (line: RequestLine, exchange: Exchange) => void;
};

/** `waitsForContinue`: the client holds the body back until it is told to go on. */
type Incoming = { request: IncomingMessage; response: ServerResponse; waitsForContinue: boolean };

const DRAIN_MILLISECONDS = 2000;

/** Answers one request, whatever comes; never rejects. */
export async function handle(
  store: Store,
  options: HandlerOptions,
  faults: Faults,
  { request, response, waitsForContinue }: Incoming,
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
  const line = { method, path, query, status: response.statusCode, bytesIn, bytesOut };
  options.onRequest?.(line, exchange);
}

async function answer(
  store: Store,
  options: HandlerOptions,
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
  exchange.signer = authenticate(exchange, options);
  exchange.hidesMissing = options.otherAccessKeyIds?.has(exchange.signer.accessKeyId) ?? false;
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
    // Closing at once could cost the client the answer while it still sends, so it is heard out for a moment.
    const { socket } = request;
    request.resume();
    setTimeout(() => request.complete || socket.destroy(), DRAIN_MILLISECONDS).unref();
  }
  sendError(exchange, known);
}

function internalError(error: unknown): S3Error {
  console.error("s3:", error);
  return new S3Error("InternalError", 500, "We encountered an internal error. Please try again.");
}
