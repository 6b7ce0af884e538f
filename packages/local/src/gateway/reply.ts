import type { OutgoingHttpHeaders, ServerResponse } from "node:http";
import * as z from "zod/mini";

export type Reply = { status: number; headers: OutgoingHttpHeaders; body: Buffer | string };

const FormattedResult = z.object({
  statusCode: z.pipe(z.union([z.number(), z.string()]), z.transform(Number)),
  headers: z.nullish(z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]))),
  cookies: z.nullish(z.array(z.string())),
  body: z.nullish(z.string()),
  isBase64Encoded: z.nullish(z.boolean()),
});

/**
 * The HTTP response that a function's result means to an HTTP API (payload format 2.0): with a `statusCode` it is one,
 * anything else is the JSON body of a 200. Undefined where it is malformed.
 */
export function replyOf(result: unknown): Reply | undefined {
  const isFormatted = typeof result === "object" && result !== null && "statusCode" in result;
  if (!isFormatted) {
    const body = typeof result === "string" ? result : JSON.stringify(result);
    return { status: 200, headers: { "content-type": "application/json" }, body };
  }
  const { success, data } = FormattedResult.safeParse(result);
  if (!success || !Number.isInteger(data.statusCode) || data.statusCode < 200 || data.statusCode > 599) {
    return undefined;
  }
  const body = Buffer.from(data.body ?? "", data.isBase64Encoded ? "base64" : "utf8");
  const headers: OutgoingHttpHeaders = body.length > 0 ? { "content-type": "text/plain;charset=UTF-8" } : {};
  Object.assign(headers, passedHeaders(data.headers ?? {}));
  if (data.cookies && data.cookies.length > 0) headers["set-cookie"] = data.cookies;
  return { status: data.statusCode, headers, body };
}

const ownHeaders = /^(connection|content-length|keep-alive|transfer-encoding|upgrade|access-control-.*)$/;

/** A function's headers without those that are the gateway's to set. */
export function passedHeaders(
  headers: Readonly<Record<string, string | number | boolean>>,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers)
      .map(([name, value]) => [name.toLowerCase(), String(value)] as const)
      .filter(([name]) => !ownHeaders.test(name)),
  );
}

/** Answers as API Gateway itself does. */
export function messageReply(status: number, message: string, headers: OutgoingHttpHeaders = {}): Reply {
  return {
    status,
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify({ message }),
  };
}

export function sendReply(response: ServerResponse, { status, headers, body }: Reply): void {
  if (response.headersSent || response.destroyed) return;
  const mayHaveBody = status !== 204 && status !== 304;
  response.writeHead(status, {
    ...headers,
    ...(mayHaveBody && { "content-length": Buffer.byteLength(body) }),
  });
  response.end(mayHaveBody ? body : undefined);
}
