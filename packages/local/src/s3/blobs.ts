import { randomUUID } from "node:crypto";
import { mkdirSync, readdirSync, rmSync } from "node:fs";
import { type FileHandle, open, rm } from "node:fs/promises";
import { join } from "node:path";

export type Piece = { blob: string; startByte: number; sizeBytes: number };

const WRITE_BYTES = 1 << 20;
const READ_BYTES = 512 * 1024;

/** The bytes: one immutable file per uploaded body. The index alone says which of them count. */
export class Blobs {
  readonly #directory: string;
  readonly #readers = new Map<string, number>();
  readonly #doomed = new Set<string>();

  constructor(directory: string) {
    mkdirSync(directory, { recursive: true });
    this.#directory = directory;
  }

  async create(): Promise<BlobWriter> {
    const id = randomUUID();
    const file = join(this.#directory, id);
    return new BlobWriter(id, file, await open(file, "wx"));
  }

  /** Keeps the pieces on disk, whatever becomes of their object, until the returned function is called. */
  hold(pieces: readonly Piece[]): () => Promise<void> {
    for (const { blob } of pieces) this.#readers.set(blob, (this.#readers.get(blob) ?? 0) + 1);
    return () => this.#release(pieces);
  }

  /**
   * Streams bytes `first` to `last` (inclusive) across pieces that are held. A chunk is valid until the next one is
   * asked for.
   */
  async *read(pieces: readonly Piece[], first: number, last: number): AsyncGenerator<Buffer> {
    for (const piece of pieces) {
      const from = Math.max(first - piece.startByte, 0);
      const to = Math.min(last - piece.startByte, piece.sizeBytes - 1);
      if (from <= to) yield* this.#readOne(piece.blob, from, to);
    }
  }

  /** Frees blobs the index no longer names; one that is being read goes when its reader is done. */
  async remove(ids: readonly string[]): Promise<void> {
    const free = ids.filter((id) => !this.#readers.has(id));
    for (const id of ids) if (this.#readers.has(id)) this.#doomed.add(id);
    for (let i = 0; i < free.length; i += 64)
      await Promise.all(free.slice(i, i + 64).map((id) => rm(join(this.#directory, id), { force: true })));
  }

  /** Removes what no row names: left by uploads that a kill cut off. Only at start, before any writer. */
  removeOrphans(isNamed: (id: string) => boolean): void {
    for (const id of readdirSync(this.#directory))
      if (!isNamed(id)) rmSync(join(this.#directory, id), { force: true });
  }

  async *#readOne(blob: string, from: number, to: number): AsyncGenerator<Buffer> {
    const handle = await open(join(this.#directory, blob), "r");
    try {
      // One buffer for all: fresh ones by the gigabyte keep the garbage collector busy.
      const buffer = Buffer.allocUnsafeSlow(Math.min(READ_BYTES, to - from + 1));
      for (let position = from; position <= to; ) {
        const wanted = Math.min(buffer.length, to - position + 1);
        const { bytesRead } = await handle.read(buffer, 0, wanted, position);
        if (bytesRead === 0) throw new Error(`blob ${blob} is shorter than its row says`);
        position += bytesRead;
        yield buffer.subarray(0, bytesRead);
      }
    } finally {
      await handle.close();
    }
  }

  async #release(pieces: readonly Piece[]): Promise<void> {
    const done: string[] = [];
    for (const { blob: id } of pieces) {
      const left = (this.#readers.get(id) ?? 1) - 1;
      if (left > 0) this.#readers.set(id, left);
      else this.#readers.delete(id);
      if (left === 0 && this.#doomed.delete(id)) done.push(id);
    }
    await this.remove(done);
  }
}

/** Gathers small chunks into large writes, one in flight while the next is gathered. */
export class BlobWriter {
  readonly id: string;
  readonly #file: string;
  readonly #handle: FileHandle;
  #gathered: Buffer[] = [];
  #gatheredBytes = 0;
  #writing: Promise<void> = Promise.resolve();

  constructor(id: string, file: string, handle: FileHandle) {
    this.id = id;
    this.#file = file;
    this.#handle = handle;
  }

  /** The chunk must not change afterwards. Await a returned promise: it is the disk's back-pressure. */
  write(chunk: Buffer): Promise<void> | undefined {
    this.#gathered.push(chunk);
    this.#gatheredBytes += chunk.length;
    return this.#gatheredBytes < WRITE_BYTES ? undefined : this.#flush();
  }

  async close(): Promise<void> {
    if (this.#gatheredBytes > 0) await this.#flush();
    await this.#writing;
    await this.#handle.close();
  }

  async discard(): Promise<void> {
    await this.#writing.catch(() => undefined);
    await this.#handle.close().catch(() => undefined);
    await rm(this.#file, { force: true });
  }

  async #flush(): Promise<void> {
    const chunks = this.#gathered;
    this.#gathered = [];
    this.#gatheredBytes = 0;
    await this.#writing;
    this.#writing = writeAll(this.#handle, chunks);
    // Whoever awaits next gets the error; until then it must not count as unhandled.
    this.#writing.catch(() => undefined);
  }
}

async function writeAll(handle: FileHandle, chunks: Buffer[]): Promise<void> {
  const { bytesWritten } = await handle.writev(chunks);
  const total = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
  if (bytesWritten === total) return;
  const rest = Buffer.concat(chunks).subarray(bytesWritten);
  await handle.writeFile(rest);
}
