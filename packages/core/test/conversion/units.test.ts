import { crc32 } from "node:zlib";
import { describe, expect, it } from "vitest";
import { Blocks, usualReadAhead } from "../../src/conversion/input/blocks.ts";
import type { ByteSource } from "../../src/conversion/input/source.ts";
import { crc32Combine, crc32Text } from "../../src/conversion/output/checksum.ts";
import { fit } from "../../src/conversion/plan/size.ts";
import { ProgressMeter } from "../../src/conversion/progress.ts";
import { Peaks } from "../../src/conversion/waveform/peaks.ts";
import { bytesSource, clip, converted, fileSource, noise, picture, quickVideo } from "./support.ts";

/** Numbers from a printed seed: 0 ≤ n < bound. */
function random(seed: number): (bound: number) => number {
  let state = seed;
  return (bound) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state % bound;
  };
}

describe("checksums", () => {
  it("of parts, combined, are the checksum of the whole", () => {
    const seed = Date.now() >>> 0;
    console.log(`seed ${seed}`);
    const next = random(seed);
    for (let round = 0; round < 50; round++) {
      const bytes = Buffer.from(Array.from({ length: next(5000) }, () => next(256)));
      const cut = next(bytes.length + 1);
      const [a, b] = [bytes.subarray(0, cut), bytes.subarray(cut)];
      expect(crc32Combine(crc32(a), crc32(b), b.length)).toBe(crc32(bytes));
    }
    expect(crc32Text(crc32("123456789"))).toBe("y/Q5Jg==");
  });

  it("combine over lengths that no 32-bit integer holds", () => {
    // Ten doublings of a stretch of zeros: the same map, reached by another way.
    const stretch = Buffer.alloc(8 * 1024 * 1024);
    let crc = crc32(stretch);
    let bytes = stretch.length;
    for (let n = 0; n < 10; n++) {
      crc = crc32Combine(crc, crc, bytes);
      bytes *= 2;
    }
    const direct = crc32Combine(
      crc32(stretch),
      crc32Combine(crc, crc32(stretch), stretch.length),
      bytes + stretch.length,
    );
    const other = crc32Combine(crc32Combine(crc32(stretch), crc, bytes), crc32(stretch), stretch.length);
    expect(direct).toBe(other);
  });
});

describe("the source", () => {
  it("is read in order with ranges in parallel, and never more than its window is held", async () => {
    const bytes = Buffer.from(Array.from({ length: 300_000 }, (_, index) => (index * 7) % 251));
    let open = 0;
    let most = 0;
    const source: ByteSource = {
      sizeBytes: bytes.length,
      async read({ startByte, endByte }, take) {
        open++;
        most = Math.max(most, open);
        await new Promise((resolve) => setImmediate(resolve));
        take(bytes.subarray(startByte, endByte + 1));
        open--;
      },
    };
    const readAhead = { ...usualReadAhead, blockBytes: 10_000, blocks: 6, parallel: 4 };
    const blocks = new Blocks(source, {
      signal: new AbortController().signal,
      readAhead,
      onFailure: () => undefined,
    });
    const seen: Buffer[] = [];
    const buffers = new Set<ArrayBufferLike>();
    for await (const chunk of blocks.stream(123, 299_000)) {
      seen.push(Buffer.from(chunk));
      buffers.add(chunk.buffer);
    }
    expect(Buffer.concat(seen).equals(bytes.subarray(123, 299_001))).toBe(true);
    expect(most).toBe(4);
    expect(buffers.size).toBeLessThanOrEqual(8);
  });

  it("an index at the end of an MP4 costs a few blocks, not a second reading", async () => {
    const path = await clip(
      "late.mp4",
      ...picture("640x360", 16, 50),
      ...noise(16),
      ...quickVideo,
      "-crf",
      "2",
    );
    const source = fileSource(path);
    await converted(source, { preset: "mp3" });
    const read = source.reads.reduce((sum, [start, end]) => sum + end - start + 1, 0);
    // A reader that turns to the end of the file leaves behind what the read-ahead and the socket held for it.
    expect(source.sizeBytes).toBeGreaterThan(10_000_000);
    expect(read - source.sizeBytes).toBeLessThan(6 * 1024 * 1024);
  });

  it("of one byte is refused without a read beyond it", async () => {
    const source = bytesSource(Buffer.from("x"));
    await converted(source, { preset: "mp3" }).catch(() => undefined);
    expect(source.reads).toEqual([[0, 0]]);
  });
});

describe("sizes", () => {
  it("fit their box, stay even, keep the aspect within a pixel and never grow", () => {
    const seed = Date.now() >>> 0;
    console.log(`seed ${seed}`);
    const next = random(seed);
    for (let round = 0; round < 500; round++) {
      const picture = { widthPixels: 2 + next(4000), heightPixels: 2 + next(4000) };
      const box = { widthPixels: 64 + next(3000), heightPixels: 64 + next(3000) };
      const { widthPixels, heightPixels } = fit(picture, box);
      expect([widthPixels % 2, heightPixels % 2]).toEqual([0, 0]);
      expect(widthPixels).toBeLessThanOrEqual(Math.min(picture.widthPixels, box.widthPixels));
      expect(heightPixels).toBeLessThanOrEqual(Math.min(picture.heightPixels, box.heightPixels));
      const factor = Math.min(
        1,
        box.widthPixels / picture.widthPixels,
        box.heightPixels / picture.heightPixels,
      );
      expect(Math.abs(widthPixels - Math.max(2, picture.widthPixels * factor))).toBeLessThan(2);
      expect(Math.abs(heightPixels - Math.max(2, picture.heightPixels * factor))).toBeLessThan(2);
    }
  });
});

describe("progress", () => {
  it("[C2.2] never falls, never says 100, and does without a time where ffmpeg has none", () => {
    const percents: number[] = [];
    const meter = new ProgressMeter(
      10,
      () => 0.3,
      ({ percent }) => percents.push(percent),
    );
    const unknown = { speed: undefined, frame: undefined };
    for (const outSeconds of [undefined, 2, 1, 6]) meter.report(0.5, { outSeconds, ...unknown });
    meter.passDone(0.5);
    for (const outSeconds of [0, 5, 10, 12]) meter.report(0.5, { outSeconds, ...unknown });
    expect(percents).toEqual([15, 30, 65, 75, 99]);
  });
});

describe("peaks", () => {
  it("of long sound stay few and keep the loudest sample", () => {
    const peaks = new Peaks(100);
    const quiet = Buffer.alloc(20_001);
    const loud = Buffer.alloc(3);
    for (let n = 0; n < 100; n++) peaks.add(quiet);
    loud.writeInt16LE(32767, 0);
    // Odd chunks: samples straddle their borders, and the last byte waits for its other half.
    peaks.add(Buffer.concat([loud]));
    for (let n = 0; n < 100; n++) peaks.add(quiet);
    const spread = peaks.spread(100);
    expect(spread).toHaveLength(100);
    expect(spread.filter(({ high }) => high > 0.9)).toHaveLength(1);
    expect(peaks.sampleCount).toBe(Math.floor((200 * 20_001 + 3) / 2));
  });
});
