import { copyFileSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { GrowingUpload, usualParts } from "../../src/conversion/output/upload.ts";
import { Stop } from "../../src/conversion/stop.ts";
import { clip, folder, MemoryStore, picture, quickVideo, until } from "./support.ts";

const output = { name: "output.mp4", role: "main", contentType: "video/mp4" } as const;

describe("a growing upload", () => {
  it("sends parts of the index again that had left before it moved to the front", async () => {
    // Very many tiny frames: the index is a third of the file and spans several parts.
    const frames = picture("32x32", 8, 1000);
    const late = await clip("late.mp4", ...frames, ...quickVideo, "-fflags", "+bitexact");
    const early = await clip(
      "early.mp4",
      "-i",
      late,
      "-c",
      "copy",
      "-fflags",
      "+bitexact",
      "-movflags",
      "+faststart",
    );
    const unmoved = await clip("unmoved.mp4", "-i", late, "-c", "copy", "-fflags", "+bitexact");
    const bytes = readFileSync(unmoved);
    const partBytes = 8 * 1024;
    expect(bytes.length - bytes.lastIndexOf("moov")).toBeGreaterThan(3 * partBytes);

    const store = new MemoryStore();
    const path = join(folder, "growing.mp4");
    copyFileSync(unmoved, path);
    await using upload = await GrowingUpload.of(path, () => store.sink(output), {
      signal: new AbortController().signal,
      settings: { ...usualParts, partBytes, unsettledBytes: 1024 },
      onFailure: () => undefined,
    });
    const whole = Math.floor((bytes.length - 1024) / partBytes) - 1;
    await until(() => store.order.length >= whole, "every settled part left before the end was known");
    await upload.finish({ moveIndex: true });
    await upload.complete();

    const object = store.objects.get(output.name)?.bytes ?? Buffer.alloc(0);
    expect(object.equals(readFileSync(early))).toBe(true);
  });

  it("that is given up frees what it stored, once", async () => {
    const store = new MemoryStore();
    const path = await clip("given-up.mp4", ...picture("320x240", 1), ...quickVideo);
    {
      await using _ = await GrowingUpload.of(path, () => store.sink(output), {
        signal: new AbortController().signal,
        settings: { ...usualParts, partBytes: 4096, unsettledBytes: 0 },
        onFailure: () => undefined,
      });
      await until(() => store.order.length > 2, "parts left");
    }
    expect([store.aborted, store.objects.size]).toEqual([[output.name], 0]);
  });
});

describe("time", () => {
  it("is up at once where the work so far shows that the whole cannot be done in it", () => {
    const hour = 3600_000;
    const startedAt = Date.now();
    using hopeful = new Stop(new AbortController().signal, new Date(startedAt + hour));
    hopeful.judge(0.3, startedAt + hour / 3);
    expect(hopeful.signal.aborted).toBe(false);
    using hopeless = new Stop(new AbortController().signal, new Date(startedAt + hour));
    hopeless.judge(0.001, startedAt + 10_000);
    expect(hopeless.signal.aborted).toBe(false);
    hopeless.judge(0.005, startedAt + 60_000);
    expect(hopeless.signal.reason).toMatchObject({ code: "conversion.too_long" });
  });
});
