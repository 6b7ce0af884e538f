import { fork } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { join } from "node:path";
import { ConversionRequest } from "@t2m/contract/presets";
import { beforeAll, describe, expect, it } from "vitest";
import type { ByteSource } from "../../src/conversion/input/source.ts";
import { reapLeftovers } from "../../src/ffmpeg/leftovers.ts";
import {
  bytesSource,
  clip,
  converted,
  failure,
  fileSource,
  folder,
  leftIn,
  MemoryStore,
  noise,
  picture,
  processesIn,
  quickVideo,
  until,
} from "./support.ts";

const KiB = 1024;
let sound = "";
let film = "";
beforeAll(async () => {
  sound = await clip("noise.wav", ...noise(30), "-ac", "2");
  film = await clip("film.mkv", ...picture("640x360", 20), ...quickVideo);
});
const workFolder = () => mkdtemp(join(folder, "work-"));
const retries = { attempts: 3, firstDelayMilliseconds: 1 };
const parts = { partBytes: 64 * KiB, unsettledBytes: 64 * KiB, retries };
const readAhead = { blockBytes: 128 * KiB, retries };

/** A source that stops answering after a share of its bytes, until it is aborted. */
function stalling(path: string, share: number): ByteSource {
  const file = fileSource(path);
  return {
    sizeBytes: file.sizeBytes,
    async read(range, take) {
      if (range.startByte < file.sizeBytes * share) return file.read(range, take);
      await once(range.signal, "abort");
      throw range.signal.reason;
    },
  };
}

describe("cancel and time", () => {
  it("a cancel ends within two seconds: no ffmpeg, no object, an empty disk", async () => {
    const workDirectory = await workFolder();
    const store = new MemoryStore();
    const cancel = new AbortController();
    const request = { preset: "webm-av1" } as const;
    const ended = failure(
      converted(film, request, { store, workDirectory, signal: cancel.signal, parts, readAhead }),
    );
    await until(
      async () => (await processesIn(workDirectory)).length > 0 && store.opened.length > 0,
      "ffmpeg runs",
    );
    const started = performance.now();
    cancel.abort();
    expect(await ended).toMatchObject({ code: "conversion.cancelled", retryable: false });
    expect(performance.now() - started).toBeLessThan(2000);
    expect(await processesIn(workDirectory)).toEqual([]);
    expect(await leftIn(workDirectory)).toEqual([]);
    expect([store.objects.size, store.aborted]).toEqual([0, ["output.webm"]]);
  });

  it("a cancel that came before the start starts nothing", async () => {
    const error = await failure(converted(sound, { preset: "mp3" }, { signal: AbortSignal.abort() }));
    expect(error.code).toBe("conversion.cancelled");
  });

  it("ends before its deadline, with a sentence that says what to do", async () => {
    const workDirectory = await workFolder();
    const deadline = new Date(Date.now() + 4500);
    const error = await failure(
      converted(stalling(sound, 0.5), { preset: "flac" }, { workDirectory, deadline, readAhead }),
    );
    expect(Date.now()).toBeLessThan(deadline.getTime());
    expect([error.code, error.message]).toEqual(["conversion.too_long", expect.stringContaining("shorter")]);
    expect(await processesIn(workDirectory)).toEqual([]);
  });
});

describe("the storage fails", () => {
  it("ranges that fail or end early are asked for again, from where they stopped", async () => {
    const bytes = readFileSync(sound);
    const whole = await converted(bytesSource(bytes), { preset: "flac" });
    let calls = 0;
    const source: ByteSource = {
      sizeBytes: bytes.length,
      async read({ startByte, endByte }, take) {
        calls++;
        if (calls % 3 === 0) throw new Error("connection reset");
        const stop = calls % 3 === 1 ? endByte + 1 : startByte + Math.ceil((endByte - startByte) / 2);
        take(bytes.subarray(startByte, stop));
      },
    };
    const flaky = await converted(
      source,
      { preset: "flac" },
      {
        readAhead: { ...readAhead, retries: { attempts: 20, firstDelayMilliseconds: 0.001 } },
      },
    );
    expect(flaky.outputs[0]?.checksumCrc32).toBe(whole.outputs[0]?.checksumCrc32);
  });

  it("a source that stays away is a failure that may be tried again", async () => {
    const file = fileSource(sound);
    const workDirectory = await workFolder();
    const source: ByteSource = {
      sizeBytes: file.sizeBytes,
      async read(range, take) {
        if (range.startByte > file.sizeBytes / 2) throw new Error("connection refused");
        return file.read(range, take);
      },
    };
    const store = new MemoryStore();
    const error = await failure(converted(source, { preset: "mp3" }, { store, workDirectory, readAhead }));
    expect(error).toMatchObject({ code: "storage.unavailable", retryable: true });
    expect(await processesIn(workDirectory)).toEqual([]);
    expect([store.objects.size, await leftIn(workDirectory)]).toEqual([0, []]);
  });

  it("parts that fail are sent again; one that never arrives ends the conversion and frees the others", async () => {
    const flaky = new MemoryStore();
    const failed = new Set<number>();
    flaky.onPart = (partNumber) => {
      if (failed.has(partNumber)) return;
      failed.add(partNumber);
      throw new Error("503 Slow Down");
    };
    expect((await converted(sound, { preset: "mp3" }, { store: flaky, parts })).outputs).toHaveLength(1);

    const dead = new MemoryStore();
    dead.onPart = (partNumber) => {
      if (partNumber === 3) throw new Error("503 Slow Down");
    };
    const workDirectory = await workFolder();
    const error = await failure(converted(sound, { preset: "mp3" }, { store: dead, parts, workDirectory }));
    expect(error).toMatchObject({ code: "storage.unavailable", retryable: true });
    expect([dead.aborted, dead.objects.size]).toEqual([["output.mp3"], 0]);
    expect(await processesIn(workDirectory)).toEqual([]);
    expect(await leftIn(workDirectory)).toEqual([]);
  });

  it("a place that cannot be opened or completed is a failure that may be tried again", async () => {
    const sink = () => Promise.reject(new Error("503"));
    expect((await failure(converted(sound, { preset: "mp3" }, { sink }))).code).toBe("storage.unavailable");
    const store = new MemoryStore();
    store.onComplete = () => {
      throw new Error("500");
    };
    expect((await failure(converted(sound, { preset: "mp3" }, { store }))).code).toBe("storage.unavailable");
    expect(store.aborted).toEqual(["output.mp3"]);
  });

  it("a result larger than allowed is a failure, not a shorter file", async () => {
    const limits = { maximumOutputBytes: 1_000_000 };
    const error = await failure(converted(sound, { preset: "wav" }, { limits }));
    expect(error.code).toBe("conversion.output_too_large");
  });
});

describe("the converter dies", () => {
  it("when its process is killed, ffmpeg dies with it, and the next run finds a clean folder", async () => {
    const workDirectory = await workFolder();
    const request = ConversionRequest.parse({ preset: "webm-av1" });
    const child = fork(new URL("./killed-converter.ts", import.meta.url), [
      film,
      workDirectory,
      JSON.stringify(request),
    ]);
    await until(
      async () => (await processesIn(workDirectory)).some((line) => line.includes("libsvtav1")),
      "ffmpeg runs",
    );
    child.kill("SIGKILL");
    await once(child, "exit");
    await until(async () => (await processesIn(workDirectory)).length === 0, "ffmpeg is gone");
    expect(await leftIn(workDirectory)).not.toEqual([]);
    await reapLeftovers(workDirectory);
    expect(await leftIn(workDirectory)).toEqual([]);
  });
});
