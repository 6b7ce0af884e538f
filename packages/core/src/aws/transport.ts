import type { Agent, IncomingHttpHeaders, IncomingMessage } from "node:http";
import { finished } from "node:stream/promises";

/**
 * HTTP to S3 and DynamoDB over kept connections. Not `fetch`: it copies every body it sends and does not say
 * whether a broken connection was an old one, which is what decides if a write may be repeated.
 *
 * Not `import "node:http"` either: an ES import reads all that a module exports, and one of node:http's exports loads
 * the whole of `fetch`, which doubles the cold start of a small function. TLS is loaded when it is first needed.
 */
const http = process.getBuiltinModule("node:http");
const agentOptions = { keepAlive: true, maxSockets: 256 };
const plain = { request: http.request, agent: new http.Agent(agentOptions) };
let secure: typeof plain | undefined;

function clientFor(url: URL): { request: typeof http.request; agent: Agent } {
  if (url.protocol !== "https:") return plain;
  if (!secure) {
    const https = process.getBuiltinModule("node:https");
    secure = { request: https.request, agent: new https.Agent(agentOptions) };
  }
  return secure;
}

export type HttpRequest = {
  method: string;
  url: URL;
  headers: Record<string, string>;
  body?: string | Uint8Array | undefined;
};

/** The request did not get an answer. `untouched`: it certainly never reached the service. */
export class NoAnswer extends Error {
  override readonly name = "NoAnswer";
  readonly untouched: boolean;

  constructor(message: string, untouched: boolean, cause?: unknown) {
    super(message, { cause });
    this.untouched = untouched;
  }
}

/**
 * Sends a request and reads its answer with `read`, both within `timeoutMs`.
 * Throws `NoAnswer`, or `signal`'s reason once that aborts.
 */
export function exchange<T>(
  { method, url, headers, body }: HttpRequest,
  { timeoutMs, signal }: { timeoutMs: number; signal?: AbortSignal | undefined },
  read: (answer: IncomingMessage) => Promise<T>,
): Promise<T> {
  const { promise, resolve, reject } = Promise.withResolvers<T>();
  const length = body === undefined ? 0 : Buffer.byteLength(body);
  const { request, agent } = clientFor(url);
  const sent = request(url, {
    method,
    agent,
    headers: method === "GET" || method === "HEAD" ? headers : { ...headers, "content-length": length },
  });
  const timer = setTimeout(() => sent.destroy(new Error(`no answer in ${timeoutMs} ms`)), timeoutMs);
  const abort = () => sent.destroy(new Error("aborted by the caller"));
  signal?.addEventListener("abort", abort, { once: true });
  let isAnswered = false;
  const failed = (error: unknown) =>
    reject(signal?.aborted ? signal.reason : noAnswer(error, sent.reusedSocket && !isAnswered));
  sent.on("error", failed);
  sent.on("response", (answer) => {
    isAnswered = true;
    read(answer).then(resolve, (error: unknown) => {
      answer.destroy();
      failed(error);
    });
  });
  if (signal?.aborted) abort();
  else sent.end(body);
  return promise.finally(() => {
    clearTimeout(timer);
    signal?.removeEventListener("abort", abort);
  });
}

/** For answers whose headers are all: a body nobody reads would keep its connection from being used again. */
export async function readHeaders(answer: IncomingMessage): Promise<IncomingHttpHeaders> {
  answer.resume();
  return answer.headers;
}

export async function readBytes(answer: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of answer) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/**
 * Hands the body over as it comes; `take` copies what it wants of a chunk and must not throw. (As an iterable, the body
 * would be paused after each chunk, and what came meanwhile copied together: twice the work and the garbage.)
 * Throws `NoAnswer` when nothing comes for `idleMs`, when the body breaks off, and when `signal` aborts.
 */
export async function pour(
  answer: IncomingMessage,
  { idleMs, signal }: { idleMs: number; signal: AbortSignal },
  take: (chunk: Uint8Array) => void,
): Promise<void> {
  const stop = (reason: string) => answer.destroy(new NoAnswer(reason, false));
  const abort = () => stop("aborted by the caller");
  const timer = setTimeout(stop, idleMs, "the body stopped coming");
  signal.addEventListener("abort", abort, { once: true });
  try {
    answer.on("data", (chunk: Uint8Array) => {
      timer.refresh();
      take(chunk);
    });
    if (signal.aborted) abort();
    await finished(answer);
  } catch (error) {
    throw error instanceof NoAnswer ? error : noAnswer(error, false);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", abort);
  }
}

function noAnswer(error: unknown, isOldConnection: boolean): NoAnswer {
  if (!(error instanceof Error)) return new NoAnswer(String(error), false);
  const code = "code" in error ? String(error.code) : "";
  // A function that slept wakes up with connections which the other side has closed meanwhile.
  const stale = isOldConnection && (code === "ECONNRESET" || code === "EPIPE");
  const untouched = stale || ["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN"].includes(code);
  return new NoAnswer(error.message || code, untouched, error);
}
