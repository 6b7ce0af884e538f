import type { FfmpegProgress } from "../ffmpeg/run.ts";

export type ConversionProgress = {
  /** 0 to 99, never falling; 100 is said by whoever has seen the result stored. */
  percent: number;
  /** How many times faster than it plays; undefined while unknown. */
  speed: number | undefined;
};

/** Turns what ffmpeg says about each pass into one percentage. */
export class ProgressMeter {
  readonly #expectedSeconds: number | undefined;
  readonly #readFraction: () => number;
  readonly #onProgress: (progress: ConversionProgress, doneFraction: number) => void;
  #earlierPasses = 0;
  #percent = 0;

  /** `readFraction` is how much of the source was read: it stands in where nobody knows how long it plays. */
  constructor(
    expectedSeconds: number | undefined,
    readFraction: () => number,
    onProgress: (progress: ConversionProgress, doneFraction: number) => void,
  ) {
    this.#expectedSeconds = expectedSeconds;
    this.#readFraction = readFraction;
    this.#onProgress = onProgress;
  }

  report(share: number, { outSeconds, speed }: FfmpegProgress): void {
    const ofPass =
      outSeconds && this.#expectedSeconds ? outSeconds / this.#expectedSeconds : this.#readFraction();
    const done = this.#earlierPasses + share * Math.min(1, ofPass);
    const percent = Math.min(99, Math.floor(done * 1000) / 10);
    if (percent <= this.#percent) return;
    this.#percent = percent;
    this.#onProgress({ percent, speed }, done);
  }

  passDone(share: number): void {
    this.#earlierPasses += share;
  }
}
