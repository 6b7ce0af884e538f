import { rmSync, watch } from "node:fs";
import { join, resolve } from "node:path";
import { startChild } from "../processes/child.ts";
import type { Log } from "./log.ts";
import type { Shutdown } from "./shutdown.ts";

const webDirectory = resolve(import.meta.dirname, "../../../web");
const settleMs = 100;

export type PageOptions = {
  directory: string;
  /** Builds again when a source of the page changes. */
  isWatching: boolean;
  log: Log;
  shutdown: Shutdown;
};

/**
 * Builds the page and the API's reference. By a process of its own, since nothing here may import the web's room;
 * a page that cannot be built is said in the log, and the API answers without it.
 * @returns the folder to serve
 */
export async function buildPage({ directory, isWatching, log, shutdown }: PageOptions): Promise<string> {
  const output = join(directory, "page");
  rmSync(output, { recursive: true, force: true });
  const build = async () => {
    const child = await startChild({
      name: "page",
      command: process.execPath,
      args: [join(webDirectory, "build.ts"), output],
      stopSignal: "SIGTERM",
    });
    await child.exited;
    if (child.failed()) log("page", child.lastLines(), "error");
  };
  await build();
  if (isWatching) {
    let timer: NodeJS.Timeout | undefined;
    const watcher = watch(join(webDirectory, "src"), { recursive: true }, () => {
      clearTimeout(timer);
      timer = setTimeout(() => void build().then(() => log("page", "rebuilt")), settleMs);
    });
    shutdown.add("front", () => {
      clearTimeout(timer);
      watcher.close();
    });
  }
  return output;
}
