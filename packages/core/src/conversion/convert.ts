import { randomUUID } from "node:crypto";
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import type { ConversionRequest } from "@t2m/contract/presets";
import type { Binaries } from "../ffmpeg/binaries.ts";
import { type MediaFacts, ProbeError, probe } from "../ffmpeg/probe.ts";
import { type Container, sniff } from "../ffmpeg/sniff.ts";
import { isTruncated } from "../ffmpeg/truncation.ts";
import { plainWav } from "../ffmpeg/wav.ts";
import { refused, truncated, unreadable } from "./diagnose.ts";
import { ConversionError } from "./failure.ts";
import { Blocks, type ReadAhead, usualReadAhead } from "./input/blocks.ts";
import { serve } from "./input/server.ts";
import type { ByteSource } from "./input/source.ts";
import type { PartSettings } from "./output/parts.ts";
import type { OutputDescription, PartSink } from "./output/sink.ts";
import type { ConversionOutput } from "./output/store.ts";
import { usualParts } from "./output/upload.ts";
import { type MediaLimits, plan } from "./plan/plan.ts";
import { produce } from "./produce.ts";
import type { ConversionProgress } from "./progress.ts";
import { Stop } from "./stop.ts";

export type ConversionLimits = MediaLimits & {
  maximumOutputBytes: number;
  /** Address space of one ffmpeg process, which is rather more than it uses. */
  memoryBytes: number;
};

export const usualLimits: ConversionLimits = {
  maximumDurationSeconds: 12 * 3600,
  // 8K.
  maximumPixels: 7680 * 4320,
  maximumOutputBytes: Number.POSITIVE_INFINITY,
  memoryBytes: 8 * 1024 ** 3,
};

export type ConversionInput = {
  source: ByteSource;
  conversion: ConversionRequest;
  /** Opens the place for an output. Called once for each, when its making begins. */
  sink: (output: OutputDescription) => Promise<PartSink>;
  /** A folder with room for the whole result; it is as empty afterwards as it was before. */
  workDirectory: string;
  binaries: Binaries;
  signal: AbortSignal;
  /** By then this has settled, whatever happens; for a Lambda, a little before its own end. */
  deadline: Date;
  onProgress: (progress: ConversionProgress) => void;
  limits?: Partial<ConversionLimits>;
  readAhead?: Partial<ReadAhead>;
  parts?: Partial<PartSettings>;
};

export type ConversionResult = {
  /** The main one first. */
  outputs: ConversionOutput[];
  source: MediaFacts;
};

/**
 * Converts a file that is read by range into objects that are written part by part, with memory that does not
 * grow with either. Throws `ConversionError` and nothing else; then no object exists, no ffmpeg runs and the disk
 * is empty.
 */
export async function convert(input: ConversionInput): Promise<ConversionResult> {
  using stop = new Stop(input.signal, input.deadline);
  const directory = join(input.workDirectory, randomUUID());
  try {
    await mkdir(directory, { recursive: true });
    return await convertIn(directory, input, stop);
  } catch (error) {
    // Whatever broke because it was told to stop broke for the reason that it was told.
    stop.signal.throwIfAborted();
    if (error instanceof ConversionError) throw error;
    throw new ConversionError("conversion.failed", "The conversion failed.", { cause: error });
  } finally {
    // What still reads or uploads ends here too.
    stop.because(new ConversionError("conversion.cancelled", "The conversion is over."));
    await rm(directory, { recursive: true, force: true, maxRetries: 3 });
  }
}

async function convertIn(directory: string, input: ConversionInput, stop: Stop): Promise<ConversionResult> {
  const limits = { ...usualLimits, ...input.limits };
  const blocks = new Blocks(input.source, {
    signal: stop.signal,
    readAhead: { ...usualReadAhead, ...input.readAhead },
    onFailure: (error) => stop.because(error),
  });
  const { container, demuxers } = await recognise(blocks);
  if (await isTruncated(container, blocks)) throw truncated();
  await using server = await serve(blocks);
  const media = { address: server.url, protocols: "http,tcp", demuxers };
  const plain = container === "wav" ? await plainWav(blocks) : undefined;
  const facts =
    plain ??
    (await probe({
      ffprobe: input.binaries.ffprobe,
      input: media.address,
      ...media,
      workDirectory: directory,
      signal: stop.signal,
      limits: { memoryBytes: limits.memoryBytes, cpuSeconds: 60 },
    }).catch((error) => {
      throw error instanceof ProbeError ? unreadable(error.log.replaceAll(server.url, "the file")) : error;
    }));
  const outputs = await produce({
    media,
    facts,
    plan: plan(facts, input.conversion, limits),
    ...{ directory, stop, limits, blocks },
    ...{ binaries: input.binaries, openSink: input.sink, onProgress: input.onProgress },
    parts: { ...usualParts, ...input.parts },
  });
  return { outputs, source: facts };
}

/** The container by the file's own bytes, and the demuxers that go with it. */
async function recognise(blocks: Blocks): Promise<{ container: Container; demuxers: string }> {
  const sniffed = sniff(await blocks.read(0, 64 * 1024));
  if ("refused" in sniffed) throw refused(sniffed.refused);
  return sniffed;
}
