import { tooLong } from "./diagnose.ts";
import { ConversionError } from "./failure.ts";

/** What is left to do when ffmpeg has been killed: give up the upload, empty the disk, tell the caller. */
const closingMilliseconds = 3000;
/** Encoders start slowly; before this, a projection says little. */
const patienceMilliseconds = 15_000;

/** The one place where a conversion is told to stop, and why: cancelled, out of time, or out of reach of S3. */
export class Stop implements Disposable {
  readonly #controller = new AbortController();
  readonly #cancel: AbortSignal;
  readonly #startedAt = Date.now();
  readonly #endsAt: number;
  readonly #timer: NodeJS.Timeout;

  constructor(cancel: AbortSignal, deadline: Date) {
    this.#cancel = cancel;
    this.#endsAt = deadline.getTime() - closingMilliseconds;
    // Node runs a timer of more than 24.8 days at once.
    const left = Math.min(Math.max(0, this.#endsAt - Date.now()), 2 ** 31 - 1);
    this.#timer = setTimeout(() => this.because(tooLong()), left);
    cancel.addEventListener("abort", this.#onCancel, { once: true });
    if (cancel.aborted) this.#onCancel();
  }

  /** Its reason is a ConversionError. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  get secondsLeft(): number {
    return Math.max(0, (this.#endsAt - Date.now()) / 1000);
  }

  because(error: unknown): void {
    const known = error instanceof ConversionError;
    this.#controller.abort(
      known ? error : new ConversionError("conversion.failed", "The conversion failed.", { cause: error }),
    );
  }

  /** Gives up at once where the work done so far shows that the whole would take half as long again as there is. */
  judge(doneFraction: number, now = Date.now()): void {
    const elapsed = now - this.#startedAt;
    if (elapsed < patienceMilliseconds || doneFraction <= 0) return;
    if (elapsed / doneFraction > (this.#endsAt - this.#startedAt) * 1.5) this.because(tooLong());
  }

  readonly #onCancel = () => {
    this.because(new ConversionError("conversion.cancelled", "The conversion was cancelled."));
  };

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
    this.#cancel.removeEventListener("abort", this.#onCancel);
  }
}
