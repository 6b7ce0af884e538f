import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { checkInput, claim, placeFor } from "../src/cli/paths.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "t2m-paths-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));
const at = (name: string) => join(folder, name);

describe("where results go", () => {
  it("never onto the input, even with --force or by another name for it", async () => {
    await writeFile(at("song.mp3"), "mine");
    await symlink(at("song.mp3"), at("other.mp3"));
    for (const force of [false, true]) {
      const { path, release } = await claim(at("other.mp3"), force, [at("song.mp3")]);
      expect(path).toBe(at("other (1).mp3"));
      await release();
    }
    expect(await readFile(at("song.mp3"), "utf8")).toBe("mine");
  });

  it("beside what exists, which is kept; onto it with --force", async () => {
    await writeFile(at("song.mp3"), "older");
    expect((await claim(at("song.mp3"), false, [])).path).toBe(at("song (1).mp3"));
    expect((await claim(at("song.mp3"), false, [])).path).toBe(at("song (2).mp3"));
    expect((await claim(at("song.mp3"), true, [])).path).toBe(at("song.mp3"));
    expect(await readFile(at("song.mp3"), "utf8")).toBe("older");
  });

  it("to different files for results of the same name that come at once", async () => {
    const claims = await Promise.all(Array.from({ length: 20 }, () => claim(at("a.mp3"), false, [])));
    expect(new Set(claims.map(({ path }) => path)).size).toBe(20);
    await Promise.all(claims.map(({ release }) => release()));
    expect(await readdir(folder)).toEqual([]);
  });

  it("nowhere outside the folder, whatever the service calls them", async () => {
    const wish = { several: false, beside: folder };
    expect(await placeFor("../../etc/passwd", wish)).toBe(at("passwd"));
    expect(await placeFor("..\\..\\boot.ini", wish)).toBe(at("boot.ini"));
  });

  it("to --output: the file itself, or a folder where it is one or there are several", async () => {
    await mkdir(at("there"));
    const wish = { several: false, beside: folder };
    expect(await placeFor("a.mp3", { ...wish, output: at("x.mp3") })).toBe(at("x.mp3"));
    expect(await placeFor("a.mp3", { ...wish, output: at("there") })).toBe(at("there/a.mp3"));
    expect(await placeFor("a.mp3", { ...wish, output: at("new/") })).toBe(at("new/a.mp3"));
    expect(await placeFor("a.mp3", { ...wish, several: true, output: at("many") })).toBe(at("many/a.mp3"));
    expect((await readdir(folder)).toSorted()).toEqual(["many", "new", "there"]);
  });
});

describe("an input", () => {
  it.each([
    ["missing.wav", /no such file/],
    ["folder", /is a folder/],
    ["empty.wav", /is empty/],
  ])("is refused in words: %s", async (name, words) => {
    await mkdir(at("folder"));
    await writeFile(at("empty.wav"), "");
    await expect(checkInput(at(name))).rejects.toThrow(words);
  });
});
