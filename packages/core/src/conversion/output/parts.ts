import type { FileHandle } from "node:fs/promises";
import { setTimeout as wait } from "node:timers/promises";
import { crc32 } from "node:zlib";
import { type RetryLimits, unavailable } from "../input/source.ts";
import { crc32Combine, crc32Text } from "./checksum.ts";
import type { FinishedPart, PartSink } from "./sink.ts";

export type PartSettings = {
  /** S3 wants 5 MiB or more for all parts but the last. */
  partBytes: number;
  /** ffmpeg may still hold this much back or go back over it; what lies before is final but for the front. */
  unsettledBytes: number;
  /** How many parts are under way at once; memory is as many parts. */
  parallel: number;
  retries: RetryLimits;
};

export type Uploaded = { sizeBytes: number; checksumCrc32: string };

/** Where a part's bytes come from: new ones in front, then a stretch of the file. */
export type PartBytes = { front: Uint8Array; fromByte: number; toByte: number };

type SentPart = FinishedPart & { crc: number };

/** Sends parts of a file on the disk to a sink, several at once, each again with a pause where it fails. */
export class PartSender {
  readonly #file: FileHandle;
  readonly #sink: Promise<PartSink>;
  readonly #settings: PartSettings;
  readonly #signal: AbortSignal;
  readonly #onFailure: (error: unknown) => void;
  readonly #ends = new Map<number, number>();
  readonly #sent = new Map<number, SentPart>();
  readonly #underWay = new Set<Promise<void>>();
  readonly #buffers: Buffer[] = [];
  #failure: { error: unknown } | undefined;

  constructor(
    file: FileHandle,
    sink: Promise<PartSink>,
    options: { signal: AbortSignal; settings: PartSettings; onFailure: (error: unknown) => void },
  ) {
    this.#file = file;
    this.#sink = sink;
    this.#settings = options.settings;
    this.#signal = options.signal;
    this.#onFailure = options.onFailure;
  }

  get isFull(): boolean {
    return this.#underWay.size >= this.#settings.parallel;
  }

  /** The file's byte after the last one of a part that was sent or is under way. */
  endOf(partNumber: number): number | undefined {
    return this.#ends.get(partNumber);
  }

  /** Starts to send; never rejects. `settle` tells how it went. */
  start(partNumber: number, bytes: PartBytes): void {
    this.#ends.set(partNumber, bytes.toByte);
    const sending = this.#send(partNumber, bytes)
      .catch((error) => {
        this.#failure ??= { error };
        this.#onFailure(error);
      })
      .finally(() => this.#underWay.delete(sending));
    this.#underWay.add(sending);
  }

  /** Waits until another part may start. Throws what a part failed with. */
  async room(): Promise<void> {
    while (this.isFull) await Promise.race(this.#underWay);
    if (this.#failure) throw this.#failure.error;
  }

  /** Waits for all parts under way. Throws what one failed with. */
  async settle(): Promise<void> {
    while (this.#underWay.size > 0) await Promise.all(this.#underWay);
    if (this.#failure) throw this.#failure.error;
  }

  /** The first `count` parts in order, with the size and checksum of the whole. */
  finished(count: number): { parts: FinishedPart[]; object: Uploaded } {
    const sent = Array.from({ length: count }, (_, index) => this.#sent.get(index + 1));
    const parts = sent.filter((part) => part !== undefined);
    const crc = parts.reduce((sum, part) => crc32Combine(sum, part.crc, part.sizeBytes), 0);
    const sizeBytes = parts.reduce((sum, part) => sum + part.sizeBytes, 0);
    return {
      parts: parts.map(({ partNumber, etag, sizeBytes, checksumCrc32 }) => ({
        partNumber,
        etag,
        sizeBytes,
        checksumCrc32,
      })),
      object: { sizeBytes, checksumCrc32: crc32Text(crc) },
    };
  }

  async #send(partNumber: number, { front, fromByte, toByte }: PartBytes): Promise<void> {
    const sizeBytes = front.length + toByte - fromByte;
    const pooled = sizeBytes <= this.#settings.partBytes;
    const buffer =
      (pooled && this.#buffers.pop()) ||
      Buffer.allocUnsafeSlow(pooled ? this.#settings.partBytes : sizeBytes);
    const body = buffer.subarray(0, sizeBytes);
    body.set(front);
    await this.#fill(body.subarray(front.length), fromByte);
    const crc = crc32(body);
    const checksumCrc32 = crc32Text(crc);
    const { etag } = await this.#upload(partNumber, body, checksumCrc32);
    this.#sent.set(partNumber, { partNumber, etag, sizeBytes, checksumCrc32, crc });
    if (pooled) this.#buffers.push(buffer);
  }

  async #fill(target: Buffer, fromByte: number): Promise<void> {
    let filled = 0;
    while (filled < target.length) {
      const { bytesRead } = await this.#file.read(target, filled, target.length - filled, fromByte + filled);
      if (bytesRead === 0) throw new Error("the output on the disk is shorter than it was");
      filled += bytesRead;
    }
  }

  async #upload(partNumber: number, body: Buffer, checksumCrc32: string): Promise<{ etag: string }> {
    const { attempts, firstDelayMilliseconds } = this.#settings.retries;
    for (let attempt = 1; ; attempt++) {
      try {
        this.#signal.throwIfAborted();
        return await (await this.#sink).uploadPart(partNumber, body, checksumCrc32, this.#signal);
      } catch (error) {
        this.#signal.throwIfAborted();
        if (attempt >= attempts) throw unavailable("The result could not be stored", error);
        const delay = firstDelayMilliseconds * 2 ** (attempt - 1) * (0.5 + Math.random() / 2);
        await wait(delay, undefined, { signal: this.#signal });
      }
    }
  }
}
