import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import * as z from "zod/mini";
import { Unavailable } from "./failures.ts";

const program = fileURLToPath(new URL("../../../local/src/cli/serve.ts", import.meta.url));

/** What that program says on its first line. */
const Ready = z.object({ url: z.string(), startedByUs: z.boolean() });
const Refused = z.object({ error: z.string() });

export type LocalStack = {
  url: string;
  /** Whether it was started now and so ends when we have done. */
  startedByUs: boolean;
  stop(): Promise<void>;
};

/**
 * The stack of this checkout: the one that runs, or one that is started for as long as it is needed. It ends with
 * its standard input, so that it cannot outlive this process, however that ends.
 * Throws `Unavailable` with what the stack says, or the signal's reason.
 */
export async function openLocalStack(signal: AbortSignal): Promise<LocalStack> {
  signal.throwIfAborted();
  // In a group of its own: Ctrl-C is for us, and we end the stack when we have done with it.
  const child = spawn(process.execPath, [program], { stdio: ["pipe", "pipe", "pipe"], detached: true });
  const ended = new Promise<void>((resolve) => child.once("close", () => resolve()));
  // A child that could not start, or is gone already: what it said, or that it said nothing, tells enough.
  for (const emitter of [child, child.stdin]) emitter.on("error", () => undefined);
  const complaints: string[] = [];
  createInterface(child.stderr).on("line", (line) => complaints.push(line));
  const stop = async () => {
    child.stdin.end();
    await ended;
  };
  try {
    const said = await orAborted(firstLine(child.stdout, ended), signal);
    const ready = Ready.safeParse(jsonOf(said));
    if (ready.success) return { ...ready.data, stop };
    const refused = Refused.safeParse(jsonOf(said));
    const why = refused.success ? refused.data.error : complaints.slice(-3).join("\n");
    throw new Unavailable(`The stack on this machine cannot be used. ${why}`.trimEnd());
  } catch (error) {
    await stop();
    throw error;
  }
}

/** The first line of a stream, or nothing where it ends without one. */
async function firstLine(stream: Readable, ended: Promise<void>): Promise<string> {
  const line = new Promise<string>((resolve) => createInterface(stream).once("line", resolve));
  return Promise.race([line, ended.then(() => "")]);
}

async function orAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const aborted = Promise.withResolvers<never>();
  const abort = () => aborted.reject(signal.reason);
  signal.addEventListener("abort", abort, { once: true });
  try {
    return await Promise.race([work, aborted.promise]);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
