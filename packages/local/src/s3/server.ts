import { mkdirSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { join } from "node:path";
import * as z from "zod/mini";
import type { Credentials } from "./auth.ts";
import { Blobs } from "./blobs.ts";
import { Database } from "./database.ts";
import type { Exchange } from "./exchange.ts";
import { Faults } from "./faults.ts";
import { handle, type RequestLine } from "./handler.ts";
import { type OnEvent, Outbox } from "./outbox.ts";
import type { Store } from "./store.ts";

export type { S3Event, S3EventRecord } from "./events.ts";

export type { Exchange, RequestLine };

export type S3Options = {
  /** Holds everything: `index.db` and `blobs/`. One server at a time. */
  directory: string;
  /** Default: a free one. */
  port?: number;
  region: string;
  credentials: Credentials;
  /**
   * Further ones with the same secret, so that `onRequest` can tell who asks. Theirs have not the right to list whole
   * buckets: where there is no such object S3 tells them 403 and not 404, and so do we.
   */
  otherAccessKeyIds?: ReadonlySet<string>;
  /** Of a part that is not the last; default 5 MiB, as S3. */
  minimumPartBytes?: number;
  /** Gets every object created or removed, whatever the bucket's notifications say, at least once:
   * an event is sent again, also after a restart, until the promise resolves. */
  onEvent?: OnEvent;
  /** After each request. */
  onRequest?: (line: RequestLine, exchange: Exchange) => void;
};

export type S3Server = {
  url: string;
  port: number;
  /** For tests: what shall go wrong. */
  faults: Faults;
  /** Breaks connections, lets running requests end and closes the index. */
  stop(): Promise<void>;
};

const MINIMUM_PART_BYTES = 5 * 1024 ** 2;

/** Starts our S3-compatible server on 127.0.0.1, path-style addresses alone.
 * @throws when another server holds the directory or the port */
export async function startS3(options: S3Options): Promise<S3Server> {
  const store = openStore(options);
  const faults = new Faults();
  const running = new Set<Promise<void>>();
  const accept = (waitsForContinue: boolean) => (request: IncomingMessage, response: ServerResponse) => {
    const work = handle(store, options, faults, { request, response, waitsForContinue });
    running.add(work);
    void work.finally(() => running.delete(work));
  };
  // A part of 5 GiB over a slow line takes hours: only the head has a time limit.
  const limits = { requestTimeout: 0, headersTimeout: 60_000, keepAliveTimeout: 30_000 };
  const server = createServer({ ...limits, highWaterMark: 256 * 1024 }, accept(false));
  server.on("checkContinue", accept(true));
  const port = await listen(server, options.port ?? 0).catch((error: unknown) => {
    store.database.close();
    throw error;
  });
  store.outbox.deliver();
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    faults,
    async stop() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
      await Promise.allSettled(running);
      store.outbox.close();
      store.database.close();
    },
  };
}

function openStore({ directory, region, onEvent, minimumPartBytes }: S3Options): Store {
  mkdirSync(directory, { recursive: true });
  const database = new Database(join(directory, "index.db"));
  const blobs = new Blobs(join(directory, "blobs"));
  const store: Store = {
    region,
    minimumPartBytes: minimumPartBytes ?? MINIMUM_PART_BYTES,
    database,
    blobs,
    outbox: new Outbox(database, region, onEvent ?? null),
  };
  collectOrphans(store);
  return store;
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", () => {
      const address = server.address();
      resolve(typeof address === "object" && address ? address.port : port);
    });
  });
}

function collectOrphans({ database, blobs }: Store): void {
  const Named = z.object({ blob: z.string() });
  const rows = database.all(Named, "select blob from piece union all select blob from part");
  const named = new Set(rows.map((row) => row.blob));
  blobs.removeOrphans((id) => named.has(id));
}
