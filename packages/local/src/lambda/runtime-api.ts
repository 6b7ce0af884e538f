import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { PassThrough, type Readable } from "node:stream";
import { FunctionFailed } from "./failures.ts";

/** Lambda's limits of a buffered event and of a buffered answer. */
export const maximumEventBytes = 6 * 1024 * 1024;
const maximumAnswerBytes = maximumEventBytes + 100;

const routes =
  /^\/2018-06-01\/runtime\/(?:(?<next>invocation\/next)|(?<init>init\/error)|invocation\/(?<id>[^/]+)\/(?<verb>response|error))$/;

export type RuntimeEvents = {
  /** The runtime asks for its next invocation: it is initialised and at rest. */
  ready(): void;
  initFailed(payload: string): void;
  returned(requestId: string, payload: string): void;
  failed(requestId: string, payload: string): void;
  /** An answer has begun to stream; `ended` follows. Answers whether anybody waits for it. */
  streaming(requestId: string, contentType: string, body: Readable): boolean;
  streamEnded(requestId: string): void;
  /** The runtime dropped the stream: it died, or the function destroyed the stream. */
  streamBroken(requestId: string): void;
};

export type RuntimeApi = {
  /** `host:port` for AWS_LAMBDA_RUNTIME_API. */
  address: string;
  /** Hands the waiting runtime an invocation. */
  dispatch(invocation: {
    requestId: string;
    payload: string;
    traceId: string;
    functionArn: string;
    deadlineMs: number;
  }): void;
  close(): void;
};

/**
 * AWS's Lambda Runtime API (2018-06-01) for one sandbox. The runtime does not say which sandbox it is, so each gets its
 * own port.
 */
export async function serveRuntimeApi(events: RuntimeEvents): Promise<RuntimeApi> {
  let waiting: ServerResponse | undefined;

  const server = createServer((request, response) => {
    const match = routes.exec(request.url ?? "")?.groups;
    if (match?.next) {
      waiting = response;
      events.ready();
    } else if (match?.init) {
      accept(request, response, (payload) => events.initFailed(payload));
    } else if (match?.id && match.verb === "error") {
      const { id } = match;
      accept(request, response, (payload) => events.failed(id, payload));
    } else if (match?.id && request.headers["lambda-runtime-function-response-mode"] === "streaming") {
      acceptStream(match.id, request, response, events);
    } else if (match?.id) {
      const { id } = match;
      accept(request, response, (payload, tooLarge) =>
        tooLarge ? events.failed(id, answerTooLarge) : events.returned(id, payload),
      );
    } else {
      response.writeHead(404).end();
    }
  });
  // `next` may wait for hours and a stream may pause for minutes.
  Object.assign(server, { keepAliveTimeout: 0, requestTimeout: 0, headersTimeout: 0 });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("The runtime API has no port");

  return {
    address: `127.0.0.1:${address.port}`,
    dispatch({ requestId, payload, traceId, functionArn, deadlineMs }) {
      const body = Buffer.from(payload);
      waiting
        ?.writeHead(200, {
          "content-type": "application/json",
          "content-length": body.length,
          "lambda-runtime-aws-request-id": requestId,
          "lambda-runtime-deadline-ms": String(deadlineMs),
          "lambda-runtime-invoked-function-arn": functionArn,
          "lambda-runtime-trace-id": traceId,
        })
        .end(body);
      waiting = undefined;
    },
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

const answerTooLarge = JSON.stringify({
  errorType: "Function.ResponseSizeTooLarge",
  errorMessage: `Response payload size exceeded maximum allowed payload size (${maximumAnswerBytes} bytes).`,
});

/** Reads a posted body whole, at most what Lambda takes, and hands it on before it answers. */
function accept(
  request: IncomingMessage,
  response: ServerResponse,
  deliver: (payload: string, tooLarge: boolean) => void,
): void {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  request.on("data", (chunk: Buffer) => {
    sizeBytes += chunk.length;
    if (sizeBytes <= maximumAnswerBytes) chunks.push(chunk);
  });
  request.on("end", () => {
    const tooLarge = sizeBytes > maximumAnswerBytes;
    deliver(tooLarge ? "" : Buffer.concat(chunks).toString(), tooLarge);
    response.writeHead(202, { "content-type": "application/json" }).end('{"status":"OK"}');
  });
  // A runtime that dies while it posts is reported by the end of its process.
  request.on("error", () => undefined);
}

/** Passes a streamed answer on as it comes. A reader who leaves does not stop the function, as on AWS. */
function acceptStream(
  requestId: string,
  request: IncomingMessage,
  response: ServerResponse,
  events: RuntimeEvents,
): void {
  const body = new PassThrough();
  // The reader hears of errors by its own listener; without one here they would end the supervisor.
  body.on("error", () => undefined);
  body.on("close", () => request.resume());
  request.on("data", (chunk: Buffer) => {
    if (body.destroyed || body.write(chunk)) return;
    request.pause();
    body.once("drain", () => request.resume());
  });
  request.on("error", () => events.streamBroken(requestId));
  request.on("end", () => {
    const error = request.trailers["lambda-runtime-function-error-body"];
    if (error) body.destroy(new FunctionFailed(Buffer.from(error, "base64").toString()));
    else if (!body.destroyed) body.end();
    events.streamEnded(requestId);
    response.writeHead(202).end();
  });
  const contentType = request.headers["content-type"] ?? "application/octet-stream";
  if (!events.streaming(requestId, contentType, body)) body.destroy();
}
