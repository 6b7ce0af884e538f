import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { crc32 } from "node:zlib";
import { type ErrorCode, errorCodes } from "@t2m/contract/errors";
import { bytesOfPart, partCountFor } from "@t2m/contract/limits";
import { NewUpload } from "@t2m/contract/new-upload";
import { PartsToSign } from "@t2m/contract/parts";

type Stored = { checksumCrc32: string; sizeBytes: number; etag: string; bytes: Buffer };
type Held = {
  id: string;
  new: NewUpload;
  status: "open" | "completed" | "aborted";
  parts: Map<number, Stored>;
};
type Answer = { status: number; body?: string; headers?: Record<string, string> } | "cut";

/** What a test may change about the service while it runs. */
type Faults = {
  /** Asked before each part; an answer replaces the storing. */
  part?: (partNumber: number, time: number) => Answer | undefined | Promise<Answer | undefined>;
  /** Asked before each call of the API; an answer replaces the handler. */
  api?: (request: { method: string; path: string; time: number }) => Answer | undefined;
};

export type Service = Awaited<ReturnType<typeof startService>>;

/** The upload half of the API and a storage for parts, over real HTTP, that counts what it gets. */
export async function startService({ partBytes = 64 * 1024 } = {}) {
  const uploads = new Map<string, Held>();
  const faults: Faults = {};
  const partPuts: number[] = [];
  const calls: string[] = [];
  const times = new Map<string, number>();
  const timeOf = (what: string) => {
    const time = (times.get(what) ?? 0) + 1;
    times.set(what, time);
    return time;
  };
  let origin = "";
  let run = 0;
  let sending = 0;
  let mostAtOnce = 0;

  async function storePart(request: IncomingMessage, response: ServerResponse, url: URL) {
    const [, , uploadId = "", digits = ""] = url.pathname.split("/");
    const partNumber = Number(digits);
    mostAtOnce = Math.max(mostAtOnce, ++sending);
    response.on("close", () => sending--);
    const fault = await faults.part?.(partNumber, timeOf(`part ${digits}`));
    if (fault) return reply(request, response, fault);
    const bytes = await buffer(request);
    const checksumCrc32 = base64Crc32(bytes);
    if (url.searchParams.get("run") !== String(run)) return reply(request, response, "cut");
    const held = uploads.get(uploadId);
    if (held?.status !== "open") return send(response, 404, "<Error><Code>NoSuchUpload</Code></Error>");
    if (Number(url.searchParams.get("expires")) < Date.now())
      return send(
        response,
        403,
        "<Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>",
      );
    if (request.headers["x-amz-checksum-crc32"] !== checksumCrc32)
      return send(response, 400, "<Error><Code>BadDigest</Code></Error>");
    partPuts.push(partNumber);
    held.parts.set(partNumber, { checksumCrc32, sizeBytes: bytes.length, etag: `"${checksumCrc32}"`, bytes });
    send(response, 200, "", { etag: `"${checksumCrc32}"` });
  }

  async function answerApi(request: IncomingMessage, response: ServerResponse, url: URL) {
    const method = request.method ?? "";
    const path = url.pathname.slice("/api".length);
    calls.push(`${method} ${path.replace(/[0-9a-f-]{36}/, "{id}")}`);
    const fault = faults.api?.({ method, path, time: timeOf(`${method} ${path}`) });
    const text = (await buffer(request)).toString();
    if (fault) return reply(request, response, fault);
    const [, , uploadId = "", what, last] = path.split("/");
    if (method === "POST" && !uploadId)
      return json(response, 201, { upload: view(create(JSON.parse(text))), jobs: [] });
    const held = uploads.get(uploadId);
    if (!held) return problem(response, "not_found");
    if (!what && method === "DELETE") {
      held.status = "aborted";
      return send(response, 204, "");
    }
    if (!what) return json(response, 200, view(held));
    if (held.status !== "open") return problem(response, "upload.not_open");
    if (what === "complete") return complete(response, held);
    if (method === "GET") return json(response, 200, listParts(held));
    if (last === "urls") return json(response, 200, sign(held, PartsToSign.parse(JSON.parse(text))));
    json(response, 200, view(held));
  }

  function create(body: unknown): Held {
    const held: Held = { id: uuidV7(), new: NewUpload.parse(body), status: "open", parts: new Map() };
    uploads.set(held.id, held);
    return held;
  }

  function sign(held: Held, { parts }: PartsToSign) {
    const expires = Date.now() + service.urlLifetimeMs;
    return {
      parts: parts.map(({ partNumber, checksumCrc32 }) => ({
        partNumber,
        url: `${origin}/storage/${held.id}/${partNumber}?expires=${expires}&run=${run}`,
        headers: { "x-amz-checksum-crc32": checksumCrc32 },
      })),
      // As where the client's clock is slow: it believes the URL to be good.
      expiresAt: new Date(expires + service.clientBelievesMs).toISOString(),
    };
  }

  function listParts(held: Held) {
    const count = partCountFor(held.new.sizeBytes, partBytes);
    const numbers = Array.from({ length: count }, (_, index) => index + 1);
    return {
      parts: [...held.parts].map(([partNumber, { bytes: _, ...part }]) => ({ partNumber, ...part })),
      missing: numbers.filter((partNumber) => !held.parts.has(partNumber)),
    };
  }

  function complete(response: ServerResponse, held: Held) {
    const { missing } = listParts(held);
    if (missing.length > 0) return problem(response, "upload.incomplete");
    held.status = "completed";
    json(response, 200, view(held));
  }

  function view(held: Held) {
    const { name, type, sizeBytes } = held.new;
    const bytesCompleted = [...held.parts.keys()].reduce(
      (sum, partNumber) => sum + bytesOfPart(partNumber, sizeBytes, partBytes),
      0,
    );
    return {
      id: held.id,
      name,
      type,
      sizeBytes,
      status: held.status,
      partBytes,
      partCount: partCountFor(sizeBytes, partBytes),
      partsCompleted: held.parts.size,
      bytesCompleted,
      percent: (bytesCompleted / sizeBytes) * 100,
      jobIds: [],
      createdAt: new Date().toISOString(),
      expiresAt: new Date(Date.now() + 86_400_000).toISOString(),
    };
  }

  const server = createServer((request, response) => {
    const url = new URL(request.url ?? "/", "http://service");
    const answer = url.pathname.startsWith("/storage/") ? storePart : answerApi;
    answer(request, response, url).catch((error: unknown) => {
      // A client that broke off is no failure of the service.
      if (!request.destroyed) send(response, 500, String(error));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  const service = {
    baseUrl: `${origin}/api`,
    faults,
    /** Part numbers in the order in which they were stored. */
    partPuts,
    /** What is still on its way, or signed, arrives nowhere: its sender has died. */
    cutOff() {
      run++;
    },
    /** Calls of the API, ids left out. */
    calls,
    urlLifetimeMs: 60_000,
    clientBelievesMs: 0,
    mostAtOnce: () => mostAtOnce,
    uploads,
    contentOf: (uploadId: string) =>
      Buffer.concat(
        [...(uploads.get(uploadId)?.parts ?? [])].sort(([a], [b]) => a - b).map(([, { bytes }]) => bytes),
      ),
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return service;
}

function reply(request: IncomingMessage, response: ServerResponse, answer: Answer) {
  if (answer === "cut") return void request.socket.destroy();
  send(response, answer.status, answer.body ?? "", answer.headers);
}

function send(response: ServerResponse, status: number, body: string, headers: Record<string, string> = {}) {
  response.writeHead(status, headers).end(body);
}

function json(response: ServerResponse, status: number, body: unknown) {
  send(response, status, JSON.stringify(body), { "content-type": "application/json" });
}

export function problemBody(code: ErrorCode): Answer & object {
  const [status, title] = errorCodes[code];
  const body = JSON.stringify({ type: "about:blank", title, status, detail: title, code });
  return { status, body, headers: { "content-type": "application/problem+json" } };
}

function problem(response: ServerResponse, code: ErrorCode) {
  const { status, body = "", headers } = problemBody(code);
  send(response, status, body, headers);
}

function base64Crc32(bytes: Buffer): string {
  const four = Buffer.alloc(4);
  four.writeUInt32BE(crc32(bytes));
  return four.toString("base64");
}

function uuidV7(): string {
  const time = Date.now().toString(16).padStart(12, "0");
  const rest = randomUUID();
  return `${time.slice(0, 8)}-${time.slice(8)}-7${rest.slice(15)}`;
}
