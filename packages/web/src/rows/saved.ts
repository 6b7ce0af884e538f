import { ConversionRequest } from "@t2m/contract/presets";
import * as z from "zod/mini";

const SavedRow = z.object({
  id: z.string(),
  person: z.string(),
  /** The page load that works on it; see `tab`. */
  tab: z.string(),
  addedAt: z.number(),
  name: z.string(),
  sizeBytes: z.number(),
  type: z.string(),
  kind: z.enum(["audio", "video"]),
  modifiedAt: z.optional(z.number()),
  wanted: ConversionRequest,
  isUploaded: z.boolean(),
  uploadId: z.optional(z.string()),
  jobIds: z.array(z.string()),
  droppedJobIds: z.array(z.string()),
  isChanged: z.boolean(),
  handle: z.optional(z.custom<FileSystemFileHandle>((value) => isHandle(value))),
});
export type SavedRow = z.infer<typeof SavedRow>;

const isHandle = (value: unknown) =>
  "FileSystemFileHandle" in globalThis && value instanceof FileSystemFileHandle;

const storeName = "rows";
let opening: Promise<IDBDatabase> | undefined;

function database(): Promise<IDBDatabase> {
  opening ??= new Promise((resolve, reject) => {
    const request = indexedDB.open("t2m", 1);
    request.onupgradeneeded = () => request.result.createObjectStore(storeName, { keyPath: "id" });
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error("No database"));
  });
  return opening;
}

async function inStore<T>(
  mode: IDBTransactionMode,
  work: (store: IDBObjectStore) => IDBRequest<T> | undefined,
): Promise<T | undefined> {
  const transaction = (await database()).transaction(storeName, mode);
  const request = work(transaction.objectStore(storeName));
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve(request?.result);
    transaction.onabort = () => reject(transaction.error ?? new Error("The database gave up"));
  });
}

// A full or forbidden database only costs the resuming after a reload.
const tolerate = (work: Promise<unknown>) => work.then(() => undefined).catch(() => undefined);

/** All in one transaction: two hundred of their own would hold up the page. */
export const saveRows = (rows: readonly SavedRow[]): Promise<void> =>
  tolerate(inStore("readwrite", (store) => rows.map((row) => store.put(row)).at(-1)));

export const forgetRow = (id: string): Promise<void> =>
  tolerate(inStore("readwrite", (store) => store.delete(id)));

/** A person's rows in the order in which they were added. */
export async function savedRows(person: string): Promise<SavedRow[]> {
  const all: unknown[] | undefined = await inStore("readonly", (store) => store.getAll()).catch(() => []);
  return (all ?? [])
    .map((row) => SavedRow.safeParse(row))
    .flatMap(({ data }) => (data?.person === person ? [data] : []))
    .sort((one, other) => one.addedAt - other.addedAt);
}

/** This page load. It holds a lock of this name as long as it lives, so that no other tab takes its rows up. */
export const tab = crypto.randomUUID();
const lockOf = (name: string) => `t2m.tab ${name}`;

export function holdTab(): void {
  void navigator.locks?.request(lockOf(tab), () => new Promise(() => undefined));
}

/** The page loads that live in this browser now. */
export async function livingTabs(): Promise<(name: string) => boolean> {
  const { held = [] } = (await navigator.locks?.query()) ?? {};
  const names = new Set(held.map(({ name }) => name));
  return (name) => names.has(lockOf(name));
}
