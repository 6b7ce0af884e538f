/** The lowest and the highest sample of a stretch, -1 to 1. */
export type Peak = { low: number; high: number };

/**
 * Collects the peaks of sound of unknown length in memory that does not grow: when there are too many, two
 * neighbours become one.
 */
export class Peaks {
  readonly #atMost: number;
  #samplesPerPeak = 16;
  #peaks: Peak[] = [];
  #current: Peak | undefined;
  #inCurrent = 0;
  #odd: number | undefined;

  constructor(atMost: number) {
    // After halving there are still twice as many as wanted: a column is exact to half its width.
    this.#atMost = atMost * 4;
  }

  /** Takes samples as 16-bit little-endian mono; a chunk may end within a sample. */
  add(chunk: Buffer): void {
    let at = 0;
    if (this.#odd !== undefined && chunk.length > 0) {
      this.#sample(Buffer.from([this.#odd, chunk[0] ?? 0]).readInt16LE() / 32768);
      at = 1;
      this.#odd = undefined;
    }
    for (; at + 1 < chunk.length; at += 2) this.#sample(chunk.readInt16LE(at) / 32768);
    if (at < chunk.length) this.#odd = chunk[at];
  }

  get sampleCount(): number {
    return this.#peaks.length * this.#samplesPerPeak + this.#inCurrent;
  }

  /** Exactly `count` peaks over everything that was added. */
  spread(count: number): Peak[] {
    const all = this.#current ? [...this.#peaks, this.#current] : this.#peaks;
    return Array.from({ length: count }, (_, index) => {
      const start = Math.floor((index * all.length) / count);
      const end = Math.max(start + 1, Math.floor(((index + 1) * all.length) / count));
      return all.slice(start, end).reduce(merge, { low: 0, high: 0 });
    });
  }

  #sample(value: number): void {
    this.#current ??= { low: value, high: value };
    if (value < this.#current.low) this.#current.low = value;
    if (value > this.#current.high) this.#current.high = value;
    this.#inCurrent++;
    if (this.#inCurrent < this.#samplesPerPeak) return;
    this.#peaks.push(this.#current);
    this.#current = undefined;
    this.#inCurrent = 0;
    if (this.#peaks.length >= this.#atMost) this.#halve();
  }

  #halve(): void {
    const halved: Peak[] = [];
    for (let index = 0; index < this.#peaks.length; index += 2) {
      halved.push(this.#peaks.slice(index, index + 2).reduce(merge));
    }
    this.#peaks = halved;
    this.#samplesPerPeak *= 2;
  }
}

const merge = (a: Peak, b: Peak): Peak => ({ low: Math.min(a.low, b.low), high: Math.max(a.high, b.high) });

/** For players: lowest and highest sample of each stretch in turn, -1 to 1, four digits. */
export function peaksJson(peaks: readonly Peak[], durationSeconds: number): Uint8Array {
  const digits = (value: number) => Math.round(value * 10_000) / 10_000;
  const data = peaks.flatMap(({ low, high }) => [digits(low), digits(high)]);
  return Buffer.from(
    JSON.stringify({ version: 1, durationSeconds: digits(durationSeconds), length: peaks.length, data }),
  );
}
