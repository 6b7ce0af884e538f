import { createStore, type Store } from "../lib/store.ts";
import { session } from "../session/session.ts";
import { isSending, type Row } from "./row.ts";
import { forgetRow, type SavedRow, saveRows, tab } from "./saved.ts";

/** The ids of the rows, newest first; each has a store of its own, so that one that moves moves alone. */
export const rowIds = createStore<readonly string[]>([]);

type Entry = { store: Store<Row>; addedAt: number; file?: File; handle?: FileSystemFileHandle };
const entries = new Map<string, Entry>();

export type Attachment = { file?: File | undefined; handle?: FileSystemFileHandle | undefined };

export function addRows(rows: readonly Row[], attachments: readonly Attachment[] = []): void {
  const now = Date.now();
  rows.forEach((row, index) => {
    const { file, handle } = attachments[index] ?? {};
    // A thousandth apart, so that they keep their order.
    const addedAt = now + index / 1000;
    entries.set(row.id, {
      store: createStore(row),
      addedAt,
      ...(file && { file }),
      ...(handle && { handle }),
    });
  });
  rowIds.update((ids) => [...rows.map(({ id }) => id), ...ids]);
}

export function rowStore(id: string): Store<Row> | undefined {
  return entries.get(id)?.store;
}

export const rowOf = (id: string): Row | undefined => entries.get(id)?.store.get();

/** The ids, longest here first. */
export const idsInOrder = (): string[] =>
  [...entries].sort(([, one], [, other]) => one.addedAt - other.addedAt).map(([id]) => id);

export const allRows = (): Row[] => rowIds.get().flatMap((id) => rowOf(id) ?? []);

/** Changes a row if it is still there. Fields that are `undefined` are taken away. */
export function changeRow(id: string, change: { [Key in keyof Row]?: Row[Key] | undefined }): void {
  entries.get(id)?.store.update((row) => {
    const changed: Row = { ...row };
    for (const [key, value] of Object.entries(change)) {
      if (value === undefined) Reflect.deleteProperty(changed, key);
      else Reflect.set(changed, key, value);
    }
    return changed;
  });
}

export const fileOf = (id: string): File | undefined => entries.get(id)?.file;
export const handleOf = (id: string): FileSystemFileHandle | undefined => entries.get(id)?.handle;

export function attach(id: string, { file, handle }: Attachment): void {
  const entry = entries.get(id);
  if (!entry) return;
  if (file) entry.file = file;
  else delete entry.file;
  if (handle) entry.handle = handle;
}

export const keepRow = (id: string): void => keepRows([id]);

/** Writes down what a reload needs to go on. */
export function keepRows(ids: readonly string[]): void {
  const state = session.get();
  if (state.status !== "signed-in") return;
  const person = state.person.subject;
  void saveRows(ids.flatMap((id) => savedRow(id, person) ?? []));
}

function savedRow(id: string, person: string): SavedRow | undefined {
  const entry = entries.get(id);
  if (!entry) return undefined;
  const { addedAt, handle } = entry;
  const { name, sizeBytes, type, kind, modifiedAt, wanted, phase, uploadId, ...rest } = entry.store.get();
  return {
    id,
    person,
    tab,
    addedAt,
    name,
    sizeBytes,
    type,
    kind,
    modifiedAt,
    wanted,
    isUploaded: phase === "uploaded",
    uploadId,
    jobIds: [...rest.jobIds],
    droppedJobIds: [...rest.droppedJobIds],
    isChanged: rest.isChanged,
    handle,
  };
}

export function dropRow(id: string): void {
  const poster = rowOf(id)?.poster;
  if (poster) URL.revokeObjectURL(poster);
  rowIds.update((ids) => ids.filter((other) => other !== id));
  entries.delete(id);
  void forgetRow(id);
}

/** Lets go of everything in memory, as at sign-out; what is written down stays for the next sign-in. */
export function emptyRows(): void {
  rowIds.set([]);
  entries.clear();
}

export const anySending = () => allRows().some(isSending);
