// A warm converter in a process of its own: converts what it is asked to, between S3 and S3, and tells how long it took.
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { config } from "@t2m/core/config";
import { convert } from "@t2m/core/conversion/convert";
import { findBinaries } from "@t2m/core/ffmpeg/binaries";
import { abortMultipart, completeMultipart, createMultipart, uploadPart } from "@t2m/core/storage/multipart";
import { readRange } from "@t2m/core/storage/objects";
import type { ConversionOrder } from "./converter.ts";

const workDirectory = mkdtempSync(join(tmpdir(), "t2m-bench-work-"));
const { ffmpegPath, ffprobePath } = config();
const binaries = findBinaries({ ffmpeg: ffmpegPath, ffprobe: ffprobePath });

process.on("message", (order: ConversionOrder) => {
  run(order).then(
    (ms) => process.send?.({ ms }),
    (error: unknown) => process.send?.({ error: String(error) }),
  );
});

async function run({ key, sizeBytes, conversion }: ConversionOrder): Promise<number> {
  const started = performance.now();
  await convert({
    source: {
      sizeBytes,
      read: (range, take) => readRange({ bucket: "uploads", key }, range, take),
    },
    conversion,
    sink: async ({ name, contentType }) => {
      const ref = { bucket: "videos", key: `outputs/${name}` } as const;
      const id = await createMultipart(ref, { contentType, checksumType: "FULL_OBJECT" });
      return {
        uploadPart: (...part) => {
          const [number, body, checksum, signal] = part;
          return uploadPart(ref, id, number, body, checksum, signal);
        },
        complete: async (parts, whole, signal) => {
          await completeMultipart(ref, id, parts, { ...whole, signal });
        },
        abort: () => abortMultipart(ref, id),
      };
    },
    workDirectory,
    binaries,
    signal: new AbortController().signal,
    deadline: new Date(Date.now() + 15 * 60_000),
    onProgress: () => undefined,
  });
  return performance.now() - started;
}
