import { join } from "node:path";
import type { Work } from "../work.ts";
import type { OutputDescription } from "./sink.ts";
import { GrowingUpload } from "./upload.ts";

/** An output as it was stored, with what ffprobe says of it. */
export type ConversionOutput = OutputDescription & {
  sizeBytes: number;
  /** Over the whole object, base64. */
  checksumCrc32: string;
  durationSeconds?: number;
  audioCodec?: string;
  videoCodec?: string;
  widthPixels?: number;
  heightPixels?: number;
};

/** Opens the upload of a file in the work directory that carries the output's name. */
export function uploadOf(work: Work, output: OutputDescription): Promise<GrowingUpload> {
  return GrowingUpload.of(join(work.directory, output.name), async () => work.openSink(output), {
    signal: work.stop.signal,
    settings: work.parts,
    onFailure: (error) => work.stop.because(error),
  });
}

/** Stores a finished file of the work directory. */
export async function store(work: Work, output: OutputDescription): Promise<ConversionOutput> {
  await using upload = await uploadOf(work, output);
  const object = await upload.finish({ moveIndex: false });
  await upload.complete();
  return { ...output, ...object };
}
