import { execFileSync } from "node:child_process";
import { closeSync, openSync, readFileSync, readSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";
import * as z from "zod/mini";
import recipe from "../../scripts/layer.json" with { type: "json" };

const root = resolve(import.meta.dirname, "../..");
const layer = join(root, ".local/layer/ffmpeg");
const build = () => execFileSync(process.execPath, [join(root, "scripts/layer.ts")], { encoding: "utf8" });

test("ffmpeg on AWS is the very package that runs on a laptop", () => {
  const { optionalDependencies } = JSON.parse(readFileSync(join(root, "packages/core/package.json"), "utf8"));
  for (const { name, version } of recipe.packages) expect(optionalDependencies[name]).toBe(version);
});

test("the layer's programs are for Lambda's Linux on x86_64 and fit", () => {
  const programs = ["ffmpeg", "ffprobe"].map((name) => join(layer, "bin", name));
  for (const program of programs) {
    const header = Buffer.alloc(20);
    const file = openSync(program, "r");
    readSync(file, header);
    closeSync(file);
    expect(header.toString("latin1", 0, 4)).toBe("\x7fELF");
    expect(header.readUInt16LE(18)).toBe(0x3e);
  }
  const bytes = programs.reduce((sum, program) => sum + statSync(program).size, 0);
  expect(bytes).toBeLessThan(250 * 1024 ** 2);
});

test("in the archive the programs may be run", () => {
  const { file } = z.object({ file: z.string() }).parse(JSON.parse(build()));
  const archive = readFileSync(file);
  const modes = new Map<string, number>();
  // The central directory is at the end; the format is PKWARE's APPNOTE, 4.3.12.
  let at = archive.readUInt32LE(archive.lastIndexOf("PK\x05\x06") + 16);
  while (archive.readUInt32LE(at) === 0x02014b50) {
    const nameLength = archive.readUInt16LE(at + 28);
    const mode = archive.readUInt32LE(at + 38) >>> 16;
    modes.set(archive.toString("utf8", at + 46, at + 46 + nameLength), mode & 0o777);
    at += 46 + nameLength + archive.readUInt16LE(at + 30) + archive.readUInt16LE(at + 32);
  }
  expect(Object.fromEntries(modes)).toEqual({
    "bin/ffmpeg": 0o755,
    "bin/ffprobe": 0o755,
    "licences/ffmpeg/GPL-3.0.txt": 0o644,
    "licences/ffmpeg/SOURCES.txt": 0o644,
  });
});

test("the layer carries its licence and says where its source is", () => {
  const licence = readFileSync(join(layer, "licences/ffmpeg/GPL-3.0.txt"), "utf8");
  expect(licence).toContain("GNU GENERAL PUBLIC LICENSE");
  const sources = readFileSync(join(layer, "licences/ffmpeg/SOURCES.txt"), "utf8");
  for (const { name, version, origin } of recipe.packages) {
    expect(sources).toContain(`npm package ${name} ${version}, from ${origin}`);
  }
});
