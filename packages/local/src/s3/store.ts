import type { Blobs } from "./blobs.ts";
import type { Database } from "./database.ts";
import type { Exchange } from "./exchange.ts";
import type { Outbox } from "./outbox.ts";

/** What the routes work on. */
export type Store = {
  region: string;
  minimumPartBytes: number;
  database: Database;
  blobs: Blobs;
  outbox: Outbox;
};

export type Route = (store: Store, exchange: Exchange) => void | Promise<void>;

/** What a transaction leaves to do once it is committed. */
export type Change = { freedBlobs: string[] };

/** Changes the index in one transaction, then frees the blobs that it dropped and sends the events that it recorded.
 * When it fails, `newBlob` (stored for it) is freed instead. */
export async function commit<T>(store: Store, work: (change: Change) => T, newBlob?: string): Promise<T> {
  const change: Change = { freedBlobs: [] };
  let result: T;
  try {
    result = store.database.transaction(() => work(change));
  } catch (error) {
    if (newBlob) await store.blobs.remove([newBlob]);
    throw error;
  }
  store.outbox.deliver();
  await store.blobs.remove(change.freedBlobs);
  return result;
}
