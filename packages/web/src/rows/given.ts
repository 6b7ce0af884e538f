import type { Given } from "./actions.ts";
import { looksLikeMedia } from "./choose.ts";
import { isDirectoryHandle, isFileHandle } from "./file-system.ts";

/**
 * The files of a drop, with those of dropped folders, as far as they look like media. Call it before the event's
 * handler ends: the browser empties the transfer then.
 */
export async function filesOfDrop(transfer: DataTransfer): Promise<Given[]> {
  const items = [...transfer.items].filter(({ kind }) => kind === "file");
  const read = items.map((item) => {
    const file = item.getAsFile();
    const handle = item.getAsFileSystemHandle?.().catch(() => null);
    // Each of these waits for the browser, which two hundred files make felt; a handle tells the same later.
    const entry = handle ? undefined : item.webkitGetAsEntry();
    return { file, entry, handle };
  });
  const found = await Promise.all(
    read.map(async ({ file, entry, handle: asking }) => {
      const handle = await asking;
      if (handle && isDirectoryHandle(handle)) return filesOfDirectory(handle);
      if (entry?.isDirectory) return filesOfEntry(entry);
      return file ? [{ file, ...(handle && isFileHandle(handle) && { handle }) }] : [];
    }),
  );
  return found.flat();
}

async function filesOfDirectory(directory: FileSystemDirectoryHandle): Promise<Given[]> {
  const found: Given[] = [];
  for await (const handle of directory.values()) {
    if (isDirectoryHandle(handle)) found.push(...(await filesOfDirectory(handle)));
    if (!isFileHandle(handle)) continue;
    const file = await handle.getFile();
    if (looksLikeMedia(file)) found.push({ file, handle });
  }
  return found;
}

async function filesOfEntry(entry: FileSystemEntry): Promise<Given[]> {
  if (isFileEntry(entry)) {
    const file = await new Promise<File>((resolve, reject) => entry.file(resolve, reject));
    return looksLikeMedia(file) ? [{ file }] : [];
  }
  if (!isDirectoryEntry(entry)) return [];
  const reader = entry.createReader();
  const found: Given[] = [];
  // A reader gives at most a hundred at once.
  for (;;) {
    const batch = await new Promise<FileSystemEntry[]>((resolve, reject) =>
      reader.readEntries(resolve, reject),
    );
    if (batch.length === 0) return found;
    for (const inside of batch) found.push(...(await filesOfEntry(inside)));
  }
}

const isFileEntry = (entry: FileSystemEntry): entry is FileSystemFileEntry => entry.isFile;
const isDirectoryEntry = (entry: FileSystemEntry): entry is FileSystemDirectoryEntry => entry.isDirectory;

/** Opens the browser's own dialog; with it the file can be read again after a reload. Undefined: there is none. */
export async function pickFiles(): Promise<Given[] | undefined> {
  if (!window.showOpenFilePicker) return undefined;
  try {
    const handles = await window.showOpenFilePicker({ multiple: true });
    return await Promise.all(handles.map(async (handle) => ({ file: await handle.getFile(), handle })));
  } catch (error) {
    // Closed without a choice; anything else (a frame, a policy) leaves the usual field.
    return error instanceof DOMException && error.name === "AbortError" ? [] : undefined;
  }
}
