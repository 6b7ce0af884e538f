import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from "node:http";
import { FunctionFailed, PoolStopped, RequestTooLarge, TooManyRequests } from "../lambda/failures.ts";
import { authorize, type TokenIssuer, Unauthorized } from "./authorizer.ts";
import { corsHeaders, isPreflight, preflightHeaders } from "./cors.ts";
import { apiEvent, functionUrlEvent, type GatewayRequest, newRequestId } from "./event.ts";
import { messageReply, passedHeaders, type Reply, replyOf, sendReply } from "./reply.ts";
import { type GatewayRoute, MalformedPath, type RouteMatch, routeFinder } from "./routes.ts";

export type ApiOptions = {
  routes: readonly GatewayRoute[];
  issuer: TokenIssuer;
  allowedOrigins: readonly string[];
  /** 30 where absent, as on AWS. */
  timeoutSeconds?: number;
};

/** API Gateway's quotas: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html */
const maximumBodyBytes = 10 * 1024 * 1024;
const maximumHeaderBytes = 10_240;
const defaultTimeoutSeconds = 30;
/** So much of a body that is too large is read before the connection is cut; then the answer can be read. */
const patienceBytes = 10 * maximumBodyBytes;

/** What the API answers to a request, whose address is split and freed from the API's prefix. */
export type Api = (
  request: IncomingMessage,
  response: ServerResponse,
  address: { rawPath: string; rawQueryString: string },
) => Promise<void>;

export function createApi(options: ApiOptions): Api {
  const findRoute = routeFinder(options.routes);

  return async (incoming, response, { rawPath, rawQueryString }) => {
    const { method, headers } = incoming;
    if (isPreflight(method, headers)) {
      response.writeHead(204, preflightHeaders(headers.origin, options.allowedOrigins)).end();
      return;
    }
    const requestId = newRequestId();
    const own = { ...corsHeaders(headers.origin, options.allowedOrigins), "apigw-requestid": requestId };
    try {
      refuseLongHeaders(incoming);
      const match = findRoute(method ?? "", rawPath);
      if (!match) throw new Refused(messageReply(404, "Not Found"));
      const authorization =
        match.route.access === "user" && !match.route.streaming
          ? await authorize(headers.authorization, options.issuer)
          : undefined;
      const body = await readBody(incoming);
      const request = { incoming, rawPath, rawQueryString, body, requestId, receivedAt: new Date() };
      if (match.route.streaming) await stream(match.route, request, response, own);
      else {
        const event = apiEvent(request, match, authorization);
        const reply = await invoke(match, event, options.timeoutSeconds ?? defaultTimeoutSeconds);
        sendReply(response, { ...reply, headers: { ...reply.headers, ...own } });
      }
    } catch (error) {
      // Who left before the end of the request hears nothing more.
      if (incoming.errored || response.destroyed) return;
      const reply = replyToError(error);
      sendReply(response, { ...reply, headers: { ...reply.headers, ...own } });
    }
  };
}

class Refused extends Error {
  readonly reply: Reply;

  constructor(reply: Reply) {
    super(`Refused with ${reply.status}`);
    this.reply = reply;
  }
}

function replyToError(error: unknown): Reply {
  if (error instanceof Refused) return error.reply;
  if (error instanceof Unauthorized) {
    return messageReply(401, "Unauthorized", { "www-authenticate": error.challenge });
  }
  if (error instanceof MalformedPath) return messageReply(400, "Bad Request");
  if (error instanceof RequestTooLarge) return messageReply(413, "Request Entity Too Large");
  if (error instanceof TooManyRequests || error instanceof PoolStopped || isTimeout(error)) {
    return messageReply(503, "Service Unavailable");
  }
  if (error instanceof FunctionFailed) {
    return { status: 502, headers: { "content-type": "text/plain" }, body: "Internal Server Error" };
  }
  console.error(error);
  return messageReply(500, "Internal Server Error");
}

function isTimeout(error: unknown): boolean {
  return error instanceof DOMException && error.name === "TimeoutError";
}

async function invoke({ route }: RouteMatch, event: unknown, timeoutSeconds: number): Promise<Reply> {
  const { payload, functionError } = await route.pool.invoke(event, {
    signal: AbortSignal.timeout(timeoutSeconds * 1000),
  });
  const reply = functionError ? undefined : replyOf(payload);
  return reply ?? messageReply(500, "Internal Server Error");
}

/** As a function URL in response streaming mode: every piece goes on as it comes. */
async function stream(
  route: GatewayRoute,
  request: GatewayRequest,
  response: ServerResponse,
  own: OutgoingHttpHeaders,
): Promise<void> {
  const { statusCode, headers, cookies, body } = await route.pool.stream(functionUrlEvent(request));
  response.on("close", () => body.destroy());
  // An error here is the function's after its first byte: only cutting the connection can tell of it.
  body.on("error", () => response.destroy());
  if (response.destroyed) {
    body.destroy();
    return;
  }
  response.writeHead(statusCode, {
    ...passedHeaders(headers),
    ...(cookies.length > 0 && { "set-cookie": [...cookies] }),
    ...own,
  });
  response.flushHeaders();
  body.pipe(response);
}

function refuseLongHeaders({ rawHeaders, url }: IncomingMessage): void {
  const sizeBytes = rawHeaders.reduce((total, text) => total + text.length, url?.length ?? 0);
  if (sizeBytes > maximumHeaderBytes) throw new Refused(messageReply(431, "Request Header Fields Too Large"));
}

async function readBody(incoming: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    sizeBytes += chunk.length;
    if (sizeBytes <= maximumBodyBytes) chunks.push(chunk);
    if (sizeBytes > patienceBytes) incoming.destroy();
  }
  if (sizeBytes > maximumBodyBytes) throw new Refused(messageReply(413, "Request Entity Too Large"));
  return Buffer.concat(chunks);
}
