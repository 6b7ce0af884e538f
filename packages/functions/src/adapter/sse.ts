import { once } from "node:events";
import type { Writable } from "node:stream";
import { ApiError } from "@t2m/core/errors";
import { refuseShutOut } from "@t2m/core/identity/revocations";
import { verifyToken } from "@t2m/core/identity/token";
import { sessionIdOf } from "@t2m/core/identity/user-id";
import type { LambdaFunctionURLEvent } from "aws-lambda";
import { problemAnswer } from "./problem.ts";

export type Message = { id?: number; event: string; data: unknown };

/** The way to who listens. */
export type Listener = {
  /** Resolves once there is room for more. */
  send: (message: Message) => Promise<void>;
  /** Aborts when nobody listens any more, or time is up. */
  signal: AbortSignal;
};

export type Opening = { event: LambdaFunctionURLEvent; userId: string };

/** Then the stream ends, and who listens connects again: a function lives a minute at most. */
const streamMs = 50_000;
/** Proxies and clients take a longer silence for a dead connection. */
const silenceMs = 10_000;

/**
 * A Lambda handler that answers with server-sent events. No gateway stands before a function URL, so the bearer token
 * is checked here. `open` refuses by throwing, before any of the stream is sent: that becomes a problem document.
 */
export function stream(open: (opening: Opening) => Promise<(listener: Listener) => Promise<void>>) {
  return awslambda.streamifyResponse(async (event: LambdaFunctionURLEvent, response) => {
    let run: (listener: Listener) => Promise<void>;
    try {
      const { userId, claims } = await verifyToken(bearerOf(event));
      await refuseShutOut(userId, sessionIdOf(userId, claims));
      run = await open({ event, userId });
    } catch (error) {
      const { body, ...head } = problemAnswer(error, event.requestContext.requestId);
      const refused = awslambda.HttpResponseStream.from(response, head);
      // `end` with a body, without a `write` before it, would leave out status and headers.
      refused.write(body);
      return await finished(refused);
    }
    const head = { statusCode: 200, headers: streamHeaders };
    await talk(awslambda.HttpResponseStream.from(response, head), run);
  });
}

const streamHeaders = {
  "content-type": "text/event-stream; charset=utf-8",
  "cache-control": "no-store, no-transform",
  "x-accel-buffering": "no",
};

async function talk(response: Writable, run: (listener: Listener) => Promise<void>): Promise<void> {
  const left = new AbortController();
  // Whoever has gone is no error of ours.
  response.on("error", () => left.abort());
  response.on("close", () => left.abort());
  const signal = AbortSignal.any([left.signal, AbortSignal.timeout(streamMs)]);
  let lastMs = Date.now();
  const write = async (text: string) => {
    lastMs = Date.now();
    if (signal.aborted || response.write(text)) return;
    await once(response, "drain", { signal }).catch(() => undefined);
  };
  const heartbeat = setInterval(() => {
    if (Date.now() - lastMs >= silenceMs) void write(": \n\n");
  }, silenceMs / 10);
  try {
    await write(": ok\n\n");
    await run({ signal, send: (message) => write(messageText(message)) });
  } finally {
    clearInterval(heartbeat);
    if (!left.signal.aborted) await finished(response);
  }
}

function messageText({ id, event, data }: Message): string {
  return `${id === undefined ? "" : `id: ${id}\n`}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
}

async function finished(response: Writable): Promise<void> {
  await new Promise<void>((resolve) => response.end(resolve));
}

/** CloudFront signs requests to function URLs in `authorization`, so the user's own token may come beside it. */
function bearerOf({ headers }: LambdaFunctionURLEvent): string {
  const given = headers["x-t2m-authorization"] ?? headers.authorization ?? "";
  const token = /^Bearer +([^\s,]+)$/i.exec(given)?.[1];
  if (!token) throw new ApiError("auth.required", "Sign in, and send the token as a bearer token.");
  return token;
}
