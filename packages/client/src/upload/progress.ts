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

export type ProgressMeter = {
  phase(phase: UploadProgress["phase"]): void;
  /** How much of a part has gone; 0 takes it back. */
  part(partNumber: number, bytes: number): void;
  /** The storage has it. */
  finished(partNumber: number): void;
  /** It failed and is to be sent again. */
  retrying(partNumber: number): void;
  /** A part that was there before this run: it counts, but not for the speed. */
  stored(partNumber: number, bytes: number): void;
  /** Nothing is there after all. */
  reset(): void;
};

const tellEveryMs = 100;
const windowMs = 5_000;

/** Counts bytes and tells of them at most ten times a second, and at every change of phase. */
export function createProgressMeter(
  sizeBytes: number,
  tell?: (progress: UploadProgress) => void,
): ProgressMeter {
  const parts = new Map<number, number>();
  const held = new Set<number>();
  const failing = new Set<number>();
  const samples: { at: number; bytes: number }[] = [];
  let phase: UploadProgress["phase"] = "sending";
  let bytesSent = 0;
  let bytesFound = 0;
  let toldAt = 0;

  function add(partNumber: number, bytes: number) {
    bytesSent += bytes - (parts.get(partNumber) ?? 0);
    parts.set(partNumber, bytes);
  }

  function report(now = performance.now()) {
    if (!tell) return;
    toldAt = now;
    samples.push({ at: now, bytes: bytesSent - bytesFound });
    while (samples.length > 2 && (samples[0]?.at ?? now) < now - windowMs) samples.shift();
    const [first] = samples;
    const seconds = first ? (now - first.at) / 1000 : 0;
    const speed = first && seconds > 0 ? Math.max(0, bytesSent - bytesFound - first.bytes) / seconds : 0;
    tell({
      phase,
      bytesSent,
      sizeBytes,
      percent: phase === "completed" ? 100 : Math.min(99.9, Math.round((bytesSent / sizeBytes) * 1000) / 10),
      bytesPerSecond: Math.round(speed),
      ...(speed > 0 && { secondsLeft: Math.ceil((sizeBytes - bytesSent) / speed) }),
      partsStored: held.size,
      partsRetrying: failing.size,
    });
  }

  return {
    phase(next) {
      phase = next;
      report();
    },
    part(partNumber, bytes) {
      add(partNumber, bytes);
      const now = performance.now();
      if (now - toldAt >= tellEveryMs) report(now);
    },
    finished(partNumber) {
      held.add(partNumber);
      failing.delete(partNumber);
    },
    retrying(partNumber) {
      failing.add(partNumber);
      report();
    },
    stored(partNumber, bytes) {
      add(partNumber, bytes);
      held.add(partNumber);
      bytesFound += bytes;
    },
    reset() {
      parts.clear();
      held.clear();
      failing.clear();
      samples.length = 0;
      bytesSent = 0;
      bytesFound = 0;
    },
  };
}
