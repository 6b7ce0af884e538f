import { type FileHandle, open } from "node:fs/promises";
import { setTimeout as wait } from "node:timers/promises";
import { minimumPartBytes } from "@t2m/contract/limits";
import { unavailable, usualRetries } from "../input/source.ts";
import { indexInFront } from "./faststart.ts";
import { PartSender, type PartSettings, type Uploaded } from "./parts.ts";
import type { FinishedPart, PartSink } from "./sink.ts";

/** S3's smallest part: the last ones, which nothing overlaps, are soon gone, and memory is small. */
export const usualParts: PartSettings = {
  partBytes: minimumPartBytes,
  unsettledBytes: 1024 * 1024,
  parallel: 3,
  retries: usualRetries,
};

const pollMilliseconds = 50;
const nothing = new Uint8Array(0);

/**
 * Uploads a file while ffmpeg still writes it. Every muxer we use goes back to patch its header and nothing else,
 * so parts 2…n leave as soon as the file has grown past them, and part 1 leaves last.
 */
export class GrowingUpload implements AsyncDisposable {
  readonly #file: FileHandle;
  readonly #sink: Promise<PartSink>;
  readonly #sender: PartSender;
  readonly #settings: PartSettings;
  readonly #stop = new AbortController();
  readonly #signal: AbortSignal;
  readonly #finished = new AbortController();
  readonly #watching: Promise<void>;
  #nextPart = 2;
  #result: { parts: FinishedPart[]; object: Uploaded } | undefined;
  #completed = false;

  private constructor(file: FileHandle, sink: Promise<PartSink>, options: UploadOptions) {
    this.#file = file;
    this.#sink = sink;
    this.#settings = options.settings;
    this.#signal = AbortSignal.any([options.signal, this.#stop.signal]);
    const onFailure = (error: unknown) => {
      if (!this.#signal.aborted) options.onFailure(error);
    };
    this.#sender = new PartSender(file, sink, {
      signal: this.#signal,
      settings: options.settings,
      onFailure,
    });
    sink.catch((error) => onFailure(unavailable("The result could not be stored", error)));
    this.#watching = this.#watch().catch((error) => {
      if (!this.#finished.signal.aborted) onFailure(error);
    });
  }

  /** Opens the file, or makes it for ffmpeg to write over, and sends it off as it grows. */
  static async of(
    path: string,
    openSink: () => Promise<PartSink>,
    options: UploadOptions,
  ): Promise<GrowingUpload> {
    return new GrowingUpload(await open(path, "a+"), openSink(), options);
  }

  async #watch(): Promise<void> {
    const { partBytes, unsettledBytes } = this.#settings;
    const signal = AbortSignal.any([this.#signal, this.#finished.signal]);
    for (;;) {
      await wait(pollMilliseconds, undefined, { signal });
      const { size } = await this.#file.stat();
      while (!signal.aborted && !this.#sender.isFull && size >= this.#nextPart * partBytes + unsettledBytes) {
        const partNumber = this.#nextPart++;
        const fromByte = (partNumber - 1) * partBytes;
        this.#sender.start(partNumber, { front: nothing, fromByte, toByte: fromByte + partBytes });
      }
    }
  }

  /**
   * Uploads the rest, once ffmpeg has ended well. `moveIndex` puts an MP4's index in front. Nothing is visible in
   * the store before `complete`. Throws `storage.unavailable`.
   */
  async finish(options: { moveIndex: boolean }): Promise<Uploaded> {
    this.#finished.abort();
    await this.#watching;
    const { partBytes } = this.#settings;
    const { size } = await this.#file.stat();
    const whole = { front: nothing, fromByte: 0, toByte: size };
    const layout = (options.moveIndex && (await indexInFront(this.#file, size))) || whole;
    const count = Math.max(1, Math.ceil(layout.toByte / partBytes));
    // A part that left early may hold the beginning of the index: it is sent again, and must not overtake itself.
    if (layout !== whole) await this.#sender.settle();
    for (let partNumber = 2; partNumber <= count; partNumber++) {
      const fromByte = (partNumber - 1) * partBytes;
      const toByte = Math.min(fromByte + partBytes, layout.toByte);
      if (this.#sender.endOf(partNumber) === toByte) continue;
      await this.#sender.room();
      this.#sender.start(partNumber, { front: nothing, fromByte, toByte });
    }
    await this.#sender.room();
    this.#sender.start(1, { ...layout, toByte: Math.min(partBytes, layout.toByte) });
    await this.#sender.settle();
    this.#result = this.#sender.finished(count);
    return this.#result.object;
  }

  /** Makes the object. To be called after `finish`. Throws `storage.unavailable`. */
  async complete(): Promise<void> {
    const { parts, object } = this.#result ?? { parts: [], object: { sizeBytes: 0, checksumCrc32: "" } };
    try {
      await (await this.#sink).complete(parts, object, this.#signal);
      this.#completed = true;
    } catch (error) {
      this.#signal.throwIfAborted();
      throw unavailable("The result could not be stored", error);
    }
  }

  /** Stops everything under way; what was stored is freed unless it was completed. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort(new Error("the upload was given up"));
    await this.#watching;
    await this.#sender.settle().catch(() => undefined);
    await this.#file.close();
    if (this.#completed) return;
    // What cannot be freed now goes with the store's own expiry of unfinished uploads.
    await this.#sink.then((sink) => sink.abort()).catch(() => undefined);
  }
}

export type UploadOptions = {
  signal: AbortSignal;
  settings: PartSettings;
  onFailure: (error: unknown) => void;
};
