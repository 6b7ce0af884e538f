import { createReadStream, type Stats } from "node:fs";
import { stat } from "node:fs/promises";
import type { IncomingMessage, ServerResponse } from "node:http";
import { extname, join, sep } from "node:path";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import { pageHeaders } from "@t2m/contract/page-headers";

export type StaticFiles = {
  directory: string;
  /** Other origins that the page reads from and writes to: where presigned URLs point. */
  connectOrigins: readonly string[];
};

const contentTypes: Record<string, string> = {
  ".css": "text/css; charset=utf-8",
  ".gif": "image/gif",
  ".html": "text/html; charset=utf-8",
  ".ico": "image/x-icon",
  ".jpg": "image/jpeg",
  ".js": "text/javascript; charset=utf-8",
  ".json": "application/json",
  ".map": "application/json",
  ".mjs": "text/javascript; charset=utf-8",
  ".png": "image/png",
  ".svg": "image/svg+xml",
  ".txt": "text/plain; charset=utf-8",
  ".wasm": "application/wasm",
  ".webmanifest": "application/manifest+json",
  ".webp": "image/webp",
  ".woff2": "font/woff2",
};
const compressible = /^(text\/|application\/(json|manifest|wasm)|image\/svg)/;
const worthCompressingBytes = 1_024;

/** Answers a GET or HEAD with a file of the directory, and addresses of the app's own with its `index.html`. */
export async function serveFile(
  { directory, connectOrigins }: StaticFiles,
  rawPath: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (request.method !== "GET" && request.method !== "HEAD") {
    response.writeHead(405, { allow: "GET, HEAD" }).end();
    return;
  }
  const found = await findFile(directory, rawPath, request.headers.accept ?? "");
  if (!found) {
    response.writeHead(404, { "content-type": "text/plain; charset=utf-8" }).end("There is nothing here.\n");
    return;
  }
  const { file, stats } = found;
  const type = contentTypes[extname(file)] ?? "application/octet-stream";
  const etag = `W/"${stats.size.toString(36)}-${Math.floor(stats.mtimeMs).toString(36)}"`;
  // Bundlers put a hash of the content into the names below assets/.
  const isHashed = rawPath.startsWith("/assets/");
  const headers = {
    ...pageHeaders({ connect: connectOrigins, media: connectOrigins }),
    "cache-control": isHashed ? "public, max-age=31536000, immutable" : "no-cache",
    "content-type": type,
    etag,
    vary: "accept-encoding",
  };
  if (request.headers["if-none-match"] === etag) {
    response.writeHead(304, headers).end();
    return;
  }
  const zipped =
    compressible.test(type) &&
    stats.size > worthCompressingBytes &&
    /\bgzip\b/.test(String(request.headers["accept-encoding"] ?? ""));
  response.writeHead(200, {
    ...headers,
    ...(zipped ? { "content-encoding": "gzip" } : { "content-length": stats.size }),
  });
  if (request.method === "HEAD") {
    response.end();
    return;
  }
  const content = createReadStream(file);
  // A reader who leaves early is no error of ours.
  await (zipped ? pipeline(content, createGzip(), response) : pipeline(content, response)).catch(
    () => undefined,
  );
}

async function findFile(
  directory: string,
  rawPath: string,
  accept: string,
): Promise<{ file: string; stats: Stats } | undefined> {
  const path = decodedPath(rawPath);
  if (path === undefined) return undefined;
  const isPage = extname(path) === "" && accept.includes("text/html");
  for (const candidate of [path, join(path, "index.html"), ...(isPage ? ["index.html"] : [])]) {
    const file = join(directory, candidate);
    if (!file.startsWith(directory + sep)) continue;
    const stats = await stat(file).catch(() => undefined);
    if (stats?.isFile()) return { file, stats };
  }
  return undefined;
}

/** Undefined for what no file of a page is called: traversal, hidden files, NULs, malformed encodings. */
function decodedPath(rawPath: string): string | undefined {
  try {
    const path = decodeURIComponent(rawPath);
    return /\0|\\|(^|\/)\./.test(path) ? undefined : path;
  } catch {
    return undefined;
  }
}
