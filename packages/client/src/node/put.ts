import { once } from "node:events";
import {
  type ClientRequest,
  Agent as HttpAgent,
  request as httpRequest,
  type IncomingMessage,
} from "node:http";
import { Agent as HttpsAgent, request as httpsRequest } from "node:https";
import { text } from "node:stream/consumers";
import type { PartReply, PartRequest } from "../upload/source.ts";

// Node's own client rather than fetch: it sends a part's bytes without copying them, and tells how far it is.
const agents = { http: new HttpAgent({ keepAlive: true }), https: new HttpsAgent({ keepAlive: true }) };
const silentForMs = 60_000;

type Body = { sizeBytes: number; blocks: Iterable<Uint8Array> | AsyncIterable<Uint8Array> };

/** PUTs a body; resolves with whatever the server answers. Throws on network errors and when aborted. */
export async function put({ url, headers, signal, onSent }: PartRequest, body: Body): Promise<PartReply> {
  signal.throwIfAborted();
  const target = new URL(url);
  const secure = target.protocol === "https:";
  const outgoing = (secure ? httpsRequest : httpRequest)(target, {
    method: "PUT",
    headers: { ...headers, "content-length": body.sizeBytes },
    agent: secure ? agents.https : agents.http,
    signal,
    timeout: silentForMs,
  });
  outgoing.on("timeout", () => outgoing.destroy(new Error(`No answer for ${silentForMs / 1000} seconds`)));
  const answered = Promise.withResolvers<IncomingMessage>();
  outgoing.on("response", answered.resolve);
  outgoing.on("error", answered.reject);
  // Looked at below; it must not count as unhandled while the body is still going out.
  answered.promise.catch(() => undefined);
  await writeAll(outgoing, body, onSent, answered.promise);
  const response = await answered.promise;
  const reply = await text(response);
  // Refused before all was sent: the connection has half a body on it and is of no more use.
  if (!outgoing.writableEnded) outgoing.destroy();
  return {
    status: response.statusCode ?? 0,
    text: reply,
    retryAfter: response.headers["retry-after"] ?? null,
  };
}

/** Writes the body until it ends, or until the server has answered: a refusal need not wait for the rest. */
async function writeAll(
  outgoing: ClientRequest,
  { blocks }: Body,
  onSent: PartRequest["onSent"],
  answered: Promise<unknown>,
) {
  let over = false;
  const ending = answered.then(
    () => {
      over = true;
    },
    () => {
      over = true;
    },
  );
  let sent = 0;
  for await (const block of blocks) {
    if (over) return;
    if (!outgoing.write(block)) await Promise.race([drained(outgoing), ending]);
    sent += block.length;
    onSent(sent);
  }
  if (!over) outgoing.end();
}

const drained = (outgoing: ClientRequest) => once(outgoing, "drain").catch(() => undefined);
