import type { Readable } from "node:stream";

/** A failure as Lambda's Invoke API words it, in the payload. */
export type Failure = { errorType: string; errorMessage: string; trace?: string[] };

/** How an invocation ended, or that its answer has begun to stream. */
export type Outcome =
  | { kind: "returned"; payload: string }
  | { kind: "failed"; payload: string }
  | { kind: "streaming"; contentType: string; body: Readable }
  | { kind: "abandoned" };

export function timedOut(requestId: string, timeoutSeconds: number): Failure {
  return failure("Sandbox.Timedout", requestId, `Task timed out after ${timeoutSeconds.toFixed(2)} seconds`);
}

export function outOfMemory(requestId: string): Failure {
  return failure("Runtime.OutOfMemory", requestId, "Runtime exited with error: signal: killed");
}

/** Go's names for the signals that end processes, as they stand in Lambda's logs. */
const signalNames: Partial<Record<NodeJS.Signals, string>> = {
  SIGABRT: "aborted",
  SIGKILL: "killed",
  SIGSEGV: "segmentation fault",
  SIGTERM: "terminated",
  SIGTRAP: "trace/breakpoint trap",
};

export function exited(requestId: string, status: number | null, signal: NodeJS.Signals | null): Failure {
  // A runtime whose event loop runs dry, as one that awaits what never comes, exits with 0.
  if (!signal && !status)
    return failure("Runtime.ExitError", requestId, "Runtime exited without providing a reason");
  const how = signal ? `signal: ${signalNames[signal] ?? signal}` : `exit status ${status}`;
  return failure("Runtime.ExitError", requestId, `Runtime exited with error: ${how}`);
}

function failure(errorType: string, requestId: string, message: string): Failure {
  return { errorType, errorMessage: `RequestId: ${requestId} Error: ${message}` };
}

/** The function failed where its caller has no payload to read it from: before or during a streamed answer. */
export class FunctionFailed extends Error {
  override name = "FunctionFailed";
  readonly payload: string;

  constructor(payload: string) {
    super(`The function failed: ${payload.slice(0, 2_000)}`);
    this.payload = payload;
  }
}

/** Every sandbox is busy and the pool was told to refuse rather than to queue; Lambda's 429. */
export class TooManyRequests extends Error {
  override name = "TooManyRequestsException";
  readonly statusCode = 429;

  constructor() {
    super("Rate Exceeded.");
  }
}

/** The event is larger than Lambda takes; its 413. */
export class RequestTooLarge extends Error {
  override name = "RequestTooLargeException";
  readonly statusCode = 413;

  constructor(maximumBytes: number) {
    super(`Request must be smaller than ${maximumBytes} bytes for the InvokeFunction operation`);
  }
}

/** The pool stopped before the invocation ended: it may have run in part, or not at all. */
export class PoolStopped extends Error {
  override name = "PoolStopped";

  constructor() {
    super("The functions are stopping");
  }
}
