import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { findBinaries } from "@t2m/core/ffmpeg/binaries";
import { probe } from "@t2m/core/ffmpeg/probe";
import { plainWav } from "@t2m/core/ffmpeg/wav";
import fc from "fast-check";
import { expect, test } from "vitest";

const binaries = findBinaries();
const folder = mkdtempSync(join(tmpdir(), "t2m-wav-"));

async function wav(...args: string[]): Promise<Buffer> {
  const sound = ["-f", "lavfi", "-i", "sine=f=440:r=44100:d=0.7"];
  await promisify(execFile)(binaries.ffmpeg, ["-v", "error", "-y", ...sound, ...args, "made.wav"], {
    cwd: folder,
  });
  return readFileSync(join(folder, "made.wav"));
}

const ours = (bytes: Buffer) =>
  plainWav({ sizeBytes: bytes.length, read: async (start, length) => bytes.subarray(start, start + length) });

async function ffprobes(bytes: Buffer) {
  writeFileSync(join(folder, "asked.wav"), bytes);
  const media = { input: "asked.wav", protocols: "file", demuxers: "wav", workDirectory: folder };
  return probe({ ...media, ffprobe: binaries.ffprobe, signal: new AbortController().signal, limits: {} });
}

/** The program's signature is of no use to anybody. */
const withoutTags = (facts: Awaited<ReturnType<typeof ffprobes>>) => ({ ...facts, tags: {} });

test.each([
  ["16 bits, stereo, signed by its program", ["-ac", "2"]],
  ["16 bits, mono, no signature", ["-fflags", "+bitexact"]],
  ["24 bits at 48 kHz", ["-c:a", "pcm_s24le", "-ar", "48000"]],
  ["8 bits at 8 kHz", ["-c:a", "pcm_u8", "-ar", "8000"]],
  ["32 bits", ["-c:a", "pcm_s32le"]],
])("[C2.1] a plain WAV of %s is known without ffprobe, and as ffprobe knows it", async (_, args) => {
  const bytes = await wav(...args);
  const facts = await ours(bytes);
  if (bytes.readUInt16LE(20) !== 0xfffe) expect(facts).toBeDefined();
  if (facts) expect(facts).toEqual(withoutTags(await ffprobes(bytes)));
});

test("every other WAV is left to ffprobe", async () => {
  const plain = await wav("-ac", "2");
  const dts = Buffer.from(plain);
  dts.write("7ffe8001", 20_000, "hex");
  for (const [what, bytes] of [
    ["broken off", plain.subarray(0, -1000)],
    ["with something behind its sound", Buffer.concat([plain, Buffer.from("id3 ")])],
    ["with a title", await wav("-metadata", "title=Song")],
    ["surround", await wav("-ac", "6")],
    ["compressed", await wav("-c:a", "adpcm_ms")],
    ["disguised DTS", dts],
    ["nothing", Buffer.alloc(0)],
    ["a header alone", plain.subarray(0, 44)],
  ] as const) {
    expect([what, await ours(bytes)]).toEqual([what, undefined]);
  }
});

test("whatever is changed in a header: what is not left to ffprobe is as ffprobe says", {
  timeout: 30_000,
}, async () => {
  const plain = await wav("-ac", "2", "-fflags", "+bitexact");
  const places = fc.constantFrom(16, 20, 22, 24, 25, 28, 32, 34, 36, 40);
  const change = fc.tuple(places, fc.constantFrom(0, 1, 2, 3, 4, 8, 16, 0x40, 0x80, 0xff));
  let accepted = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 2 }), async (changes) => {
      const bytes = Buffer.from(plain);
      for (const [at, value] of changes) bytes[at] = value;
      const facts = await ours(bytes);
      if (!facts) return;
      accepted += 1;
      expect(facts).toEqual(withoutTags(await ffprobes(bytes)));
    }),
    { numRuns: 300 },
  );
  expect(accepted).toBeGreaterThan(0);
});
