import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, readlinkSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { promisify } from "node:util";
import { crc32 } from "node:zlib";
import { ConversionRequest, type ConversionRequestInput } from "@t2m/contract/presets";
import { type ConversionInput, type ConversionResult, convert } from "../../src/conversion/convert.ts";
import { ConversionError } from "../../src/conversion/failure.ts";
import type { ByteSource } from "../../src/conversion/input/source.ts";
import { crc32Text } from "../../src/conversion/output/checksum.ts";
import type { FinishedPart, OutputDescription, PartSink } from "../../src/conversion/output/sink.ts";
import { findBinaries } from "../../src/ffmpeg/binaries.ts";

const run = promisify(execFile);
const chunkBytes = 64 * 1024;
export const binaries = findBinaries();
/** Clips that one test file made; the system's temporary folder is emptied by the system. */
export const folder = mkdtempSync(join(tmpdir(), "t2m-conversion-"));

/** Makes a clip with bare ffmpeg and answers its path. */
export async function clip(name: string, ...args: string[]): Promise<string> {
  await run(binaries.ffmpeg, ["-nostdin", "-v", "error", "-y", ...args, name], { cwd: folder });
  return join(folder, name);
}

export const tone = (seconds: number, rateHz = 44100) =>
  ["-f", "lavfi", "-i", `sine=f=440:r=${rateHz}:d=${seconds}`] as const;
export const noise = (seconds: number) =>
  ["-f", "lavfi", "-i", `anoisesrc=r=44100:a=0.4:seed=7:d=${seconds}`] as const;
export const picture = (size: string, seconds: number, fps = 25) =>
  ["-f", "lavfi", "-i", `testsrc2=s=${size}:r=${fps}:d=${seconds}`] as const;
export const quickVideo = ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p"] as const;

export function bytesSource(bytes: Uint8Array): ByteSource & { reads: [number, number][] } {
  const reads: [number, number][] = [];
  return {
    sizeBytes: bytes.length,
    reads,
    async read({ startByte, endByte }, take) {
      reads.push([startByte, endByte]);
      for (let at = startByte; at <= endByte; at += chunkBytes) {
        take(bytes.subarray(at, Math.min(at + chunkBytes, endByte + 1)));
        await setImmediate();
      }
    },
  };
}

export const fileSource = (path: string) => bytesSource(readFileSync(path));

/** Keeps objects in memory, as S3 would: parts replace each other, nothing is there before it is completed. */
export class MemoryStore {
  readonly objects = new Map<
    string,
    { bytes: Buffer; checksumCrc32: string; parts: readonly FinishedPart[] }
  >();
  readonly aborted: string[] = [];
  readonly opened: OutputDescription[] = [];
  /** Part numbers in the order in which they came. */
  readonly order: number[] = [];
  onPart: (partNumber: number) => void | Promise<void> = () => undefined;
  onComplete: (name: string) => void = () => undefined;

  readonly sink = async (output: OutputDescription): Promise<PartSink> => {
    this.opened.push(output);
    const parts = new Map<number, Buffer>();
    return {
      uploadPart: async (partNumber, body, checksumCrc32) => {
        this.order.push(partNumber);
        await this.onPart(partNumber);
        if (crc32Text(crc32(body)) !== checksumCrc32) throw new Error("the part's checksum is wrong");
        parts.set(partNumber, Buffer.from(body));
        return { etag: `"${partNumber}"` };
      },
      complete: async (finished, object) => {
        this.onComplete(output.name);
        const bytes = Buffer.concat(
          finished.map(({ partNumber }) => parts.get(partNumber) ?? Buffer.alloc(0)),
        );
        if (bytes.length !== object.sizeBytes) throw new Error("the object's size is wrong");
        if (crc32Text(crc32(bytes)) !== object.checksumCrc32)
          throw new Error("the object's checksum is wrong");
        this.objects.set(output.name, { bytes, checksumCrc32: object.checksumCrc32, parts: finished });
      },
      abort: async () => {
        this.aborted.push(output.name);
      },
    };
  };
}

export type Converted = ConversionResult & { store: MemoryStore; percents: number[]; workDirectory: string };

/** Converts with everything real but the object store. */
export async function converted(
  source: ByteSource | string,
  request: ConversionRequestInput,
  overrides: Partial<ConversionInput> & { store?: MemoryStore } = {},
): Promise<Converted> {
  const { store = new MemoryStore(), ...rest } = overrides;
  const workDirectory = rest.workDirectory ?? mkdtempSync(join(folder, "work-"));
  const percents: number[] = [];
  const result = await convert({
    source: typeof source === "string" ? fileSource(source) : source,
    conversion: ConversionRequest.parse(request),
    sink: store.sink,
    workDirectory,
    binaries,
    signal: new AbortController().signal,
    deadline: new Date(Date.now() + 120_000),
    onProgress: ({ percent }) => percents.push(percent),
    ...rest,
  });
  return { ...result, store, percents, workDirectory };
}

/** The failure of a conversion that must fail. */
export async function failure(work: Promise<unknown>): Promise<ConversionError> {
  const error = await work.then(
    () => new Error("it succeeded"),
    (reason: unknown) => reason,
  );
  if (error instanceof ConversionError) return error;
  throw error;
}

export const leftIn = async (directory: string): Promise<string[]> => readdir(directory, { recursive: true });

/** Waits for a fact; fails after ten seconds. */
export async function until(fact: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const end = Date.now() + 10_000;
  while (!(await fact())) {
    if (Date.now() > end) throw new Error(`it never came true: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Command lines of the running processes that work in a folder or below it. */
export async function processesIn(directory: string): Promise<string[]> {
  const ids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  return ids.flatMap((id) => {
    try {
      const inside = readlinkSync(`/proc/${id}/cwd`).startsWith(directory);
      return inside ? [readFileSync(`/proc/${id}/cmdline`, "latin1").replaceAll("\0", " ")] : [];
    } catch {
      return [];
    }
  });
}
