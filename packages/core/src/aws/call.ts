import type { IncomingMessage } from "node:http";
import { setTimeout as delay } from "node:timers/promises";
import { config } from "../config.ts";
import { unavailable } from "../errors.ts";
import { log } from "../log.ts";
import { sha256, signedHeaders, unsignedPayload } from "./sigv4.ts";
import { exchange, NoAnswer, readBytes } from "./transport.ts";

/** The service answered, and refused. `code` is its own name for the reason. */
export class AwsError extends Error {
  override readonly name = "AwsError";
  readonly status: number;
  readonly code: string;
  readonly body: string;

  constructor(status: number, code: string, body: string) {
    super(`${status} ${code}: ${body.slice(0, 500)}`);
    this.status = status;
    this.code = code;
    this.body = body;
  }
}

export type AwsCall = {
  service: keyof typeof serviceNames;
  /** Of the call, for logs. */
  operation: string;
  method: string;
  url: URL;
  headers?: Record<string, string>;
  body?: string | Uint8Array | undefined;
  /** Done twice it has the effect of once; others are repeated only where the first try certainly did nothing. */
  repeatable: boolean;
  tries?: number;
  /** For one try, its answer read to the end. */
  tryMs: number;
  /** No further try begins later than this after the first. */
  totalMs: number;
  signal?: AbortSignal | undefined;
};

const serviceNames = {
  s3: "object store",
  dynamodb: "live table",
  secretsmanager: "keeper of secrets",
  rds: "database's administration",
} as const;
const firstPauseMs = 50;
const longestPauseMs = 2_000;

/**
 * Signs and sends a call, again with backoff and full jitter where that is safe, and reads the answer.
 * Throws `AwsError` for a refusal, `ApiError` "service.unavailable" where the service is away or overloaded.
 */
export async function call<T>(request: AwsCall, read: (answer: IncomingMessage) => Promise<T>): Promise<T> {
  const { tries = 3, totalMs, signal } = request;
  const started = performance.now();
  for (let attempt = 1; ; attempt += 1) {
    signal?.throwIfAborted();
    try {
      return await once(request, read);
    } catch (error) {
      const failure = judge(error);
      if (!failure) throw error;
      const pauseMs = Math.random() * Math.min(longestPauseMs, firstPauseMs * 2 ** attempt);
      const late = performance.now() - started + pauseMs > totalMs;
      if (attempt >= tries || late || !(failure.untouched || request.repeatable)) {
        throw unavailable(serviceNames[request.service], error);
      }
      const { service, operation } = request;
      log("WARN", "retrying", { service, operation, attempt, cause: String(error) });
      await delay(pauseMs, undefined, signal ? { signal } : {});
    }
  }
}

async function once<T>(request: AwsCall, read: (answer: IncomingMessage) => Promise<T>): Promise<T> {
  const { region, credentials } = config().aws;
  const { service, method, url, body, tryMs, signal } = request;
  // S3 checks bodies by their own checksums; hashing them here as well would only cost time.
  const payloadHash = service === "s3" ? unsignedPayload : sha256(body ?? "");
  const headers = signedHeaders(
    { credentials, region, service },
    {
      method,
      host: url.host,
      path: url.pathname,
      query: Object.fromEntries(url.searchParams),
      ...(request.headers ? { headers: request.headers } : {}),
    },
    payloadHash,
  );
  const limits = { timeoutMs: tryMs, signal };
  const outcome = await exchange({ method, url, headers, body }, limits, async (answer) => {
    const status = answer.statusCode ?? 0;
    if (status < 300) return { value: await read(answer) };
    return { status, text: (await readBytes(answer)).toString() };
  });
  if ("value" in outcome) return outcome.value;
  throw new AwsError(outcome.status, codeIn(outcome.text) ?? `Http${outcome.status}`, outcome.text);
}

/** DynamoDB names the reason in JSON, S3 in XML; an answer to HEAD has no body. */
function codeIn(body: string): string | undefined {
  return (/"__type"\s*:\s*"(?:[^"#]*#)?([^"]+)"/.exec(body) ?? /<Code>([^<]+)<\/Code>/.exec(body))?.[1];
}

const overload = new Set([
  "SlowDown",
  "RequestLimitExceeded",
  "ThrottlingException",
  "ProvisionedThroughputExceededException",
  "TransactionConflictException",
]);

/** Whether trying again may help, and whether the failed try certainly left everything as it was. */
function judge(error: unknown): { untouched: boolean } | undefined {
  if (error instanceof NoAnswer) return { untouched: error.untouched };
  if (!(error instanceof AwsError)) return undefined;
  if (overload.has(error.code) || error.status === 429) return { untouched: true };
  if (error.status >= 500 || error.code === "RequestTimeout") return { untouched: false };
  return undefined;
}
