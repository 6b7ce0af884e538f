import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { written } from "../../http/written.ts";
import type { Blocks } from "./blocks.ts";

export type RangeServer = AsyncDisposable & { url: string };

/**
 * Serves one file to ffmpeg on this machine's loopback, by range, at an address that nobody can guess. ffmpeg
 * reads any place it likes without credentials, and the only protocols it needs are `http` and `tcp`.
 */
export async function serve(blocks: Blocks): Promise<RangeServer> {
  const path = `/${randomBytes(24).toString("hex")}`;
  const server = createServer((request, response) => {
    answer(request, response, path, blocks).catch(() => response.destroy());
  });
  server.keepAliveTimeout = 1000;
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" && address ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}${path}`,
    async [Symbol.asyncDispose]() {
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  path: string,
  blocks: Blocks,
): Promise<void> {
  if (request.url !== path || (request.method !== "GET" && request.method !== "HEAD")) {
    response.writeHead(404).end();
    return;
  }
  const [, first = "0", last = ""] = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? "") ?? [];
  const start = Number(first);
  const end = Math.min(last === "" ? Number.POSITIVE_INFINITY : Number(last), blocks.sizeBytes - 1);
  if (start > end) {
    response.writeHead(416, { "content-range": `bytes */${blocks.sizeBytes}` }).end();
    return;
  }
  response.writeHead(request.headers.range ? 206 : 200, {
    "accept-ranges": "bytes",
    "content-length": end - start + 1,
    "content-type": "application/octet-stream",
    ...(request.headers.range && { "content-range": `bytes ${start}-${end}/${blocks.sizeBytes}` }),
  });
  if (request.method === "GET") {
    for await (const chunk of blocks.stream(start, end)) await written(response, chunk);
  }
  response.end();
}
