import { type FileHandle, open, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { crc32 } from "node:zlib";
import { type Patience, sleep, waitMs } from "../backoff.ts";
import { ApiProblem, UnexpectedReply, Unreachable } from "../problem.ts";
import { base64OfCrc32 } from "../upload/crc32.ts";

export type Download = {
  /** Gives a fresh URL: they live for minutes. */
  sign: () => Promise<string>;
  sizeBytes: number;
  checksumCrc32: string;
  signal: AbortSignal;
  onProgress?: (bytes: number) => void;
  patience?: Patience;
};

const usualPatience: Patience = { attempts: 6, baseMs: 300, capMs: 10_000 };

/**
 * Downloads to `path`, which shows up, or changes, only once all bytes are there and their checksum is right. A
 * connection that breaks is taken up where it broke. Throws `Unreachable`, `UnexpectedReply` or the signal's reason.
 */
export async function download(path: string, wanted: Download): Promise<void> {
  const partial = join(dirname(path), `.${basename(path)}.${process.pid}.part`);
  const file = await open(partial, "w");
  try {
    await receive(file, wanted).finally(() => file.close());
    await rename(partial, path);
  } catch (error) {
    await rm(partial, { force: true });
    throw error;
  }
}

async function receive(file: FileHandle, wanted: Download): Promise<void> {
  const { sign, sizeBytes, signal, patience = usualPatience } = wanted;
  const state = { bytes: 0, crc: 0 };
  for (let attempt = 1; state.bytes < sizeBytes; ) {
    const before = state.bytes;
    try {
      await receiveOnce(file, await sign(), wanted, state);
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof ApiProblem || error instanceof UnexpectedReply) throw error;
      if (attempt >= patience.attempts) throw new Unreachable("The download broke off", { cause: error });
    }
    attempt = state.bytes > before ? 1 : attempt + 1;
    if (state.bytes < sizeBytes) await sleep(waitMs(patience, attempt), signal);
  }
  if (base64OfCrc32(state.crc) !== wanted.checksumCrc32)
    throw new UnexpectedReply("What was downloaded has another checksum than it should");
}

async function receiveOnce(
  file: FileHandle,
  url: string,
  { sizeBytes, signal, onProgress }: Download,
  state: { bytes: number; crc: number },
): Promise<void> {
  const from = state.bytes;
  const response = await fetch(url, { signal, ...(from > 0 && { headers: { range: `bytes=${from}-` } }) });
  // 403: the URL has expired in between; the next try has a new one.
  if (!response.ok || !response.body) throw new Error(`The storage answers ${response.status}`);
  if (from > 0 && response.status !== 206)
    throw new UnexpectedReply("The storage does not go on where it stopped");
  for await (const block of response.body) {
    if (state.bytes + block.length > sizeBytes)
      throw new UnexpectedReply("The file is larger than it should be");
    await file.write(block);
    state.bytes += block.length;
    state.crc = crc32(block, state.crc);
    onProgress?.(state.bytes);
  }
}
