import { type ByteSource, type RetryLimits, readInto, usualRetries } from "./source.ts";

export type ReadAhead = {
  blockBytes: number;
  /** Memory is at most this many blocks. */
  blocks: number;
  /** How many ranges are under way at once: one connection of S3 rarely fills a Lambda's link. */
  parallel: number;
  retries: RetryLimits;
};

const MiB = 1024 * 1024;
export const usualReadAhead: ReadAhead = {
  blockBytes: 2 * MiB,
  blocks: 8,
  parallel: 5,
  retries: usualRetries,
};

type Block = {
  index: number;
  bytes: Uint8Array;
  filled: number;
  /** Readers in the middle of this block; it stays as long as there are any. */
  readers: number;
  stop: AbortController;
  fetched: Promise<void>;
  /** Called when more bytes are there, and when there will be none. */
  waiting: Set<() => void>;
  failure: unknown;
};

/**
 * The source in fixed blocks, the newest of which stay in memory: a reader that goes straight on finds the next
 * ones fetched in parallel, and one that jumps between two places (an index at the end of an MP4, sound and
 * picture far apart) finds both still there.
 */
export class Blocks {
  readonly sizeBytes: number;
  readonly #source: ByteSource;
  readonly #settings: ReadAhead;
  readonly #signal: AbortSignal;
  readonly #onFailure: (error: unknown) => void;
  /** In the order of last use. */
  readonly #blocks = new Map<number, Block>();
  /** Buffers are used again: the garbage collector counts them late and memory would not stay flat. */
  readonly #free: ArrayBuffer[] = [];
  #readerAtByte = 0;

  constructor(
    source: ByteSource,
    options: { signal: AbortSignal; readAhead: ReadAhead; onFailure: (error: unknown) => void },
  ) {
    this.sizeBytes = source.sizeBytes;
    this.#source = source;
    this.#settings = options.readAhead;
    this.#signal = options.signal;
    this.#onFailure = options.onFailure;
  }

  /** Where the reader is that read last: the progress of one that goes straight on. */
  get readerAtByte(): number {
    return this.#readerAtByte;
  }

  /** Streams from `startByte` up to `endByte` (included). A chunk is valid until the next one is asked for. */
  async *stream(startByte: number, endByte: number): AsyncGenerator<Uint8Array, void, undefined> {
    let position = startByte;
    let ahead = 1;
    while (position <= endByte) {
      const block = this.#use(Math.floor(position / this.#settings.blockBytes));
      block.readers++;
      this.#fetchAhead(block.index, ahead);
      try {
        const blockStart = block.index * this.#settings.blockBytes;
        const end = Math.min(block.bytes.length, endByte + 1 - blockStart);
        while (position - blockStart < end) {
          const from = position - blockStart;
          while (block.filled <= from) await this.#more(block);
          const chunk = block.bytes.subarray(from, Math.min(block.filled, end));
          position += chunk.length;
          this.#readerAtByte = position;
          yield chunk;
        }
      } finally {
        block.readers--;
      }
      // Who reads on for a while gets the whole read-ahead; a look at a header does not fetch half the file.
      ahead = Math.min(ahead * 2, this.#settings.parallel);
    }
  }

  /** A copy of up to `lengthBytes` from `startByte`; shorter where the file ends. */
  async read(startByte: number, lengthBytes: number): Promise<Uint8Array> {
    const start = Math.max(0, startByte);
    const end = Math.min(start + lengthBytes, this.sizeBytes);
    const copy = new Uint8Array(Math.max(0, end - start));
    let filled = 0;
    for await (const chunk of this.stream(start, end - 1)) {
      copy.set(chunk, filled);
      filled += chunk.length;
    }
    return copy;
  }

  #use(index: number): Block {
    const block = this.#blocks.get(index) ?? this.#fetch(index);
    this.#blocks.delete(index);
    this.#blocks.set(index, block);
    return block;
  }

  #fetchAhead(index: number, count: number): void {
    const last = Math.min(index + count, Math.ceil(this.sizeBytes / this.#settings.blockBytes) - 1);
    for (let next = index + 1; next <= last; next++) {
      if (!this.#blocks.has(next) && this.#underWay() >= this.#settings.parallel) return;
      this.#use(next);
    }
  }

  #underWay(): number {
    return [...this.#blocks.values()].filter(({ filled, bytes }) => filled < bytes.length).length;
  }

  #fetch(index: number): Block {
    this.#makeRoom();
    const { blockBytes, retries } = this.#settings;
    const startByte = index * blockBytes;
    const buffer = this.#free.pop() ?? new ArrayBuffer(blockBytes);
    const stop = new AbortController();
    const block: Block = {
      index,
      bytes: new Uint8Array(buffer, 0, Math.min(blockBytes, this.sizeBytes - startByte)),
      filled: 0,
      readers: 0,
      stop,
      fetched: Promise.resolve(),
      waiting: new Set(),
      failure: undefined,
    };
    const signal = AbortSignal.any([this.#signal, stop.signal]);
    const wake = () => {
      for (const resolve of block.waiting) resolve();
      block.waiting.clear();
    };
    const onBytes = (filled: number) => {
      block.filled = filled;
      wake();
    };
    block.fetched = readInto(this.#source, startByte, block.bytes, { signal, retries, onBytes }).catch(
      (error) => {
        block.failure = error;
        // It may be wanted again later; what failed is not kept.
        if (this.#blocks.get(index) === block) this.#blocks.delete(index);
        if (!signal.aborted) this.#onFailure(error);
        wake();
      },
    );
    return block;
  }

  async #more(block: Block): Promise<void> {
    if (block.failure !== undefined) throw block.failure;
    await new Promise<void>((resolve) => block.waiting.add(resolve));
  }

  #makeRoom(): void {
    if (this.#blocks.size < this.#settings.blocks) return;
    const oldest = [...this.#blocks.values()].find(({ readers }) => readers === 0);
    if (!oldest) return;
    this.#blocks.delete(oldest.index);
    oldest.stop.abort();
    const { buffer } = oldest.bytes;
    // A fetch that is still ending may write into its buffer: it is free only afterwards.
    void oldest.fetched.then(() => buffer instanceof ArrayBuffer && this.#free.push(buffer));
  }
}
