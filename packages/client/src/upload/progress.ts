export type UploadProgress = {
  /** `checking`: comparing what is stored with the file; `completing`: S3 puts the parts together. */
  phase: "checking" | "sending" | "completing" | "completed";
  bytesSent: number;
  sizeBytes: number;
  percent: number;
  /** Over the last seconds; 0 until there is something to tell. */
  bytesPerSecond: number;
  secondsLeft?: number;
  /** Parts that the storage holds. */
  partsStored: number;
  /** Parts that failed and wait for their next try. */
  partsRetrying: number;
};

const tellEveryMs = 100;
const windowMs = 5_000;

/** Counts bytes and tells of them at most ten times a second, and at every change of phase. */
export class ProgressMeter {
  readonly #sizeBytes: number;
  readonly #tell: ((progress: UploadProgress) => void) | undefined;
  readonly #parts = new Map<number, number>();
  readonly #stored = new Set<number>();
  readonly #failing = new Set<number>();
  readonly #samples: { at: number; bytes: number }[] = [];
  #phase: UploadProgress["phase"] = "sending";
  #bytesSent = 0;
  /** There before this run. */
  #bytesFound = 0;
  #toldAt = 0;

  constructor(sizeBytes: number, tell?: (progress: UploadProgress) => void) {
    this.#sizeBytes = sizeBytes;
    this.#tell = tell;
  }

  phase(phase: UploadProgress["phase"]): void {
    this.#phase = phase;
    this.#report();
  }

  /** How much of a part has gone; 0 takes it back. */
  part(partNumber: number, bytes: number): void {
    this.#add(partNumber, bytes);
    const now = performance.now();
    if (now - this.#toldAt >= tellEveryMs) this.#report(now);
  }

  /** The storage has it. */
  finished(partNumber: number): void {
    this.#stored.add(partNumber);
    this.#failing.delete(partNumber);
  }

  /** It failed and is to be sent again. */
  retrying(partNumber: number): void {
    this.#failing.add(partNumber);
    this.#report();
  }

  /** A part that was there before this run: it counts, but not for the speed. */
  stored(partNumber: number, bytes: number): void {
    this.#add(partNumber, bytes);
    this.#stored.add(partNumber);
    this.#bytesFound += bytes;
  }

  /** Nothing is there after all. */
  reset(): void {
    for (const counted of [this.#parts, this.#stored, this.#failing]) counted.clear();
    this.#samples.length = 0;
    this.#bytesSent = 0;
    this.#bytesFound = 0;
  }

  #add(partNumber: number, bytes: number): void {
    this.#bytesSent += bytes - (this.#parts.get(partNumber) ?? 0);
    this.#parts.set(partNumber, bytes);
  }

  #report(now = performance.now()): void {
    if (!this.#tell) return;
    this.#toldAt = now;
    const speed = this.#speedAt(now);
    const sent = Math.min(99.9, Math.round((this.#bytesSent / this.#sizeBytes) * 1000) / 10);
    this.#tell({
      phase: this.#phase,
      bytesSent: this.#bytesSent,
      sizeBytes: this.#sizeBytes,
      percent: this.#phase === "completed" ? 100 : sent,
      bytesPerSecond: Math.round(speed),
      ...(speed > 0 && { secondsLeft: Math.ceil((this.#sizeBytes - this.#bytesSent) / speed) }),
      partsStored: this.#stored.size,
      partsRetrying: this.#failing.size,
    });
  }

  /** Bytes a second over the last seconds. */
  #speedAt(now: number): number {
    const bytes = this.#bytesSent - this.#bytesFound;
    this.#samples.push({ at: now, bytes });
    while (this.#samples.length > 2 && (this.#samples[0]?.at ?? now) < now - windowMs) this.#samples.shift();
    const [first] = this.#samples;
    return first && now > first.at ? (Math.max(0, bytes - first.bytes) / (now - first.at)) * 1000 : 0;
  }
}
