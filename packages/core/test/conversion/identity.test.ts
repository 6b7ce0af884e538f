import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { promisify } from "node:util";
import { ConversionRequest, type ConversionRequestInput } from "@t2m/contract/presets";
import { beforeAll, describe, expect, it } from "vitest";
import { usualLimits } from "../../src/conversion/convert.ts";
import type { ByteSource } from "../../src/conversion/input/source.ts";
import { plan } from "../../src/conversion/plan/plan.ts";
import {
  binaries,
  clip,
  converted,
  fileSource,
  folder,
  leftIn,
  MemoryStore,
  noise,
  picture,
  quickVideo,
  until,
} from "./support.ts";

const KiB = 1024;
// Far smaller than in S3, so that short clips make many parts, and stricter: less is left unsettled.
const parts = { partBytes: 64 * KiB, unsettledBytes: 64 * KiB };

const requests: ConversionRequestInput[] = [
  { preset: "mp3", options: { bitrateKbps: 320 } },
  { preset: "flac" },
  { preset: "wav" },
  { preset: "aiff" },
  { preset: "opus", options: { bitrateKbps: 256 } },
  { preset: "ogg", options: { bitrateKbps: 320 } },
  { preset: "m4a", options: { bitrateKbps: 320 } },
  { preset: "alac" },
  { preset: "mp4", options: { quality: "best" } },
  { preset: "mkv", options: { quality: "best" } },
  { preset: "webm", options: { quality: "best", videoCodec: "vp8" } },
  { preset: "mov", options: { quality: "best" } },
  { preset: "gif" },
  { preset: "remux", options: { container: "mp4" } },
  { preset: "remux", options: { container: "mkv" } },
];

describe("byte identity", () => {
  let sound = "";
  let film = "";
  beforeAll(async () => {
    sound = await clip("noise.wav", ...noise(24), "-ac", "2");
    film = await clip("film.mkv", ...picture("480x270", 12, 15), ...noise(12), ...quickVideo, "-c:a", "aac");
  });

  it.for(requests)("$preset $options: the object is what ffmpeg writes to a local file", async (request) => {
    const path = ["mp4", "mkv", "webm", "mov", "gif", "remux"].includes(request.preset) ? film : sound;
    const store = new MemoryStore();
    // Two passes read everything before the output begins.
    const bytes = request.preset === "gif" ? fileSource(path) : untilPartsLeave(path, store);

    const { outputs, source, workDirectory } = await converted(bytes, request, {
      store,
      parts,
      readAhead: { blockBytes: 128 * KiB },
    });

    const object = store.objects.get(outputs[0]?.name ?? "");
    expect(object?.bytes.equals(await bare(path, request, source))).toBe(true);
    const order = store.order.slice(0, object?.parts.length);
    expect(order.length).toBeGreaterThan(4);
    expect(order.filter((partNumber) => partNumber === 1)).toHaveLength(1);
    // The last ones leave together, so it may overtake two of them.
    expect(order.indexOf(1)).toBeGreaterThanOrEqual(order.length - 3);
    expect(await leftIn(workDirectory)).toEqual([]);
  });
});

/** A source that keeps back its last quarter until a part has left: proof that upload and encoding overlap. */
function untilPartsLeave(path: string, store: MemoryStore): ByteSource {
  const file = fileSource(path);
  const gate = file.sizeBytes * 0.75;
  return {
    sizeBytes: file.sizeBytes,
    async read(range, take) {
      const { startByte, signal } = range;
      if (startByte >= gate && startByte < gate + 512 * KiB) {
        await until(() => store.order.length > 0 || signal.aborted, "a part left before the source was read");
      }
      return file.read(range, take);
    },
  };
}

/** What the same arguments make of the same file on a local disk, `+faststart` for the MP4 family. */
async function bare(
  path: string,
  request: ConversionRequestInput,
  facts: Parameters<typeof plan>[0],
): Promise<Buffer> {
  const planned = plan(facts, ConversionRequest.parse(request), usualLimits);
  for (const pass of planned.passes) {
    const target = pass.to === "palette" ? "palette" : `bare-${request.preset}`;
    const faststart = planned.indexInFront ? ["-movflags", "+faststart"] : [];
    const args = ["-nostdin", "-v", "error", "-y", ...pass.inputArgs, "-i", path, ...pass.outputArgs({})];
    await promisify(execFile)(binaries.ffmpeg, [...args, ...faststart, target], { cwd: folder });
  }
  return readFileSync(`${folder}/bare-${request.preset}`);
}
