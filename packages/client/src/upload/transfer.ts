import { bytesOfPart } from "@t2m/contract/limits";
import type { Upload } from "@t2m/contract/uploads";
import { type Patience, sleep, waitMs } from "../backoff.ts";
import { ApiProblem, secondsOf, Unreachable } from "../problem.ts";
import type { Pause } from "./pause.ts";
import type { ProgressMeter } from "./progress.ts";
import type { PartUrl, Signer } from "./signer.ts";
import { createSlots, forEachAtOnce } from "./slots.ts";
import type { FileSource, PartReply, PreparedPart } from "./source.ts";

export type Transfer = {
  source: FileSource;
  upload: Pick<Upload, "sizeBytes" | "partBytes">;
  sign: Signer;
  pause: Pause;
  signal: AbortSignal;
  meter: ProgressMeter;
  parallel: number;
  patience: Patience;
  onStored(partNumber: number): void;
};

/** S3 would not take a part, and trying again would not help. */
export class PartRefused extends Error {
  override readonly name = "PartRefused";
  readonly status: number;
  constructor(partNumber: number, { status, text }: PartReply) {
    const code = /<Code>(\w+)<\/Code>/.exec(text)?.[1] ?? "";
    super(`The storage refused part ${partNumber}: status ${status} ${code}`.trimEnd());
    this.status = status;
  }
}

// A URL is taken to have gone stale a little before it does, since the request must still get there.
const staleBeforeMs = 10_000;

/** Which bytes of the file a part is. */
export function rangeOf(partNumber: number, { sizeBytes, partBytes }: Transfer["upload"]) {
  const start = (partNumber - 1) * partBytes;
  return { start, end: start + bytesOfPart(partNumber, sizeBytes, partBytes) };
}

/**
 * Sends parts: while `parallel` of them are on their way, as many more are read, checksummed and signed, so that the
 * line never waits. Throws the first failure that trying again cannot mend; what is stored by then stays stored.
 */
export async function sendParts(transfer: Transfer, partNumbers: Iterable<number>): Promise<void> {
  const takeSlot = createSlots(transfer.parallel);
  const failed = new AbortController();
  const each = { ...transfer, signal: AbortSignal.any([transfer.signal, failed.signal]) };
  await forEachAtOnce(partNumbers, transfer.parallel * 2, async (partNumber) => {
    try {
      await sendPart(each, partNumber, takeSlot);
    } catch (error) {
      // The first failure ends the other parts' sending and waiting, too, and is what they throw.
      failed.abort(error);
      throw error;
    }
    transfer.onStored(partNumber);
  });
}

type Ready = { part?: PreparedPart; url?: PartUrl };

async function sendPart(transfer: Transfer, partNumber: number, takeSlot: () => Promise<() => void>) {
  const { pause, signal, meter, patience } = transfer;
  const ready: Ready = {};
  try {
    for (let attempt = 1; ; ) {
      await pause.passed(signal);
      const outcome = await tryOnce(transfer, partNumber, ready, takeSlot);
      if (outcome === "stored") return meter.finished(partNumber);
      meter.part(partNumber, 0);
      if (outcome === "paused") continue;
      if (attempt >= patience.attempts) throw outcome.error;
      meter.retrying(partNumber);
      if (outcome.readAgain) forget(ready);
      if (outcome.signAgain) delete ready.url;
      await sleep(waitMs(patience, attempt++, outcome.retryAfterSeconds), signal);
    }
  } finally {
    forget(ready);
  }
}

function forget(ready: Ready) {
  ready.part?.release();
  delete ready.part;
  delete ready.url;
}

type Again = {
  error: Error;
  readAgain?: boolean;
  signAgain?: boolean;
  retryAfterSeconds?: number | undefined;
};

async function tryOnce(
  transfer: Transfer,
  partNumber: number,
  ready: Ready,
  takeSlot: () => Promise<() => void>,
): Promise<"stored" | "paused" | Again> {
  const { source, pause, meter, signal } = transfer;
  const { running } = pause;
  ready.part ??= await source.prepare(rangeOf(partNumber, transfer.upload), signal);
  const { part } = ready;
  const unsigned = await signWhereNeeded(transfer, partNumber, ready);
  if (unsigned) return unsigned;
  const freeSlot = await takeSlot();
  try {
    // It may have waited for its turn, or for its owner, longer than its URL lives.
    const stale = await signWhereNeeded(transfer, partNumber, ready);
    if (stale || !ready.url) return stale ?? "paused";
    const { url, headers } = ready.url;
    const onSent = (bytes: number) => meter.part(partNumber, bytes);
    const request = { url, headers, signal: AbortSignal.any([signal, running]), onSent };
    const reply = await part.send(request).catch((error: unknown) => new Unanswered(error));
    signal.throwIfAborted();
    if (reply instanceof Unanswered) {
      if (running.aborted) return "paused";
      // A refusal may be lost with the connection that it closes: the next try has a URL that is surely good.
      return {
        error: new Unreachable("The storage does not answer", { cause: reply.cause }),
        signAgain: true,
        // A browser says the same when the file can no longer be read; reading tells.
        readAgain: true,
      };
    }
    const verdict = judge(partNumber, reply);
    if (verdict === "stored") meter.part(partNumber, part.sizeBytes);
    return verdict;
  } finally {
    freeSlot();
  }
}

/** Gets a URL where there is none that is good. While the API is away a part waits as it does for the storage. */
async function signWhereNeeded(
  { sign }: Transfer,
  partNumber: number,
  ready: Ready,
): Promise<Again | undefined> {
  const { part, url } = ready;
  if (!part || (url && url.expiresAt - staleBeforeMs > Date.now())) return undefined;
  try {
    ready.url = await sign({ partNumber, checksumCrc32: part.checksumCrc32 });
    return undefined;
  } catch (error) {
    const passing = error instanceof Unreachable || (error instanceof ApiProblem && error.status >= 500);
    if (!passing) throw error;
    return { error };
  }
}

class Unanswered {
  readonly cause: unknown;
  constructor(cause: unknown) {
    this.cause = cause;
  }
}

/** What an answer means for the part. Throws where trying again is no use. */
function judge(partNumber: number, reply: PartReply): "stored" | Again {
  const { status, text } = reply;
  if (status >= 200 && status < 300) return "stored";
  const error = new PartRefused(partNumber, reply);
  // An expired URL, or one whose signer's credentials ran out.
  if (status === 403) return { error, signAgain: true };
  // Changed on the way, or in the file between checksum and sending: whichever, its bytes must be read again.
  if (status === 400 && /<Code>(BadDigest|XAmzContent\w+Mismatch|IncompleteBody|RequestTimeout)</.test(text))
    return { error, readAgain: true };
  if (status === 408 || status === 429 || status >= 500)
    return { error, retryAfterSeconds: secondsOf(reply.retryAfter) };
  throw error;
}
