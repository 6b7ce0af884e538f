import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createPool, type Pool, type PoolOptions } from "@t2m/local/lambda/pool";
import { onTestFinished } from "vitest";

export function temporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), "t2m-lambda-"));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

/** A bundle in a folder of its own, from the text of a module that exports `handler`. */
export function bundleOf(source: string, directory = temporaryDirectory(), name = "tested"): string {
  const file = join(directory, `${name}.mjs`);
  writeFileSync(file, source);
  return file;
}

export type TestedPool = Pool & { lines: string[]; records: unknown[]; temporaryRoot: string };

/** A pool that runs the module's `handler` and is stopped with the test. */
export function poolOf(source: string, options: Partial<PoolOptions> = {}): TestedPool {
  const lines: string[] = [];
  const records: unknown[] = [];
  const temporaryRoot = options.temporaryRoot ?? temporaryDirectory();
  const pool = createPool({
    name: "tested",
    file: bundleOf(source),
    memoryMb: 256,
    timeoutSeconds: 20,
    environment: {},
    temporaryRoot,
    onLog: (line) => lines.push(line),
    retryDelaysMs: [20, 40],
    onFailure: (record) => {
      records.push(record);
    },
    ...options,
  });
  onTestFinished(() => pool.stop());
  return Object.assign(pool, { lines, records, temporaryRoot });
}

/** Waits until the fact holds, at most ten seconds. */
export async function until(fact: () => boolean): Promise<void> {
  const deadline = performance.now() + 10_000;
  while (!fact()) {
    if (performance.now() > deadline) throw new Error(`Never came true: ${fact}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** Whether a process runs; one that only waits to be collected by its parent does not. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  return !isZombie(pid);
}

function isZombie(pid: number): boolean {
  try {
    return / Z /.test(readFileSync(`/proc/${pid}/stat`, "latin1"));
  } catch {
    return false;
  }
}
