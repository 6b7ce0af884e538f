import { mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { identityOf } from "../processes/identity.ts";
import { readJson } from "../processes/json-file.ts";
import { AlreadyRunning } from "../processes/run.ts";
import type { Log } from "../stack/log.ts";
import { type Stack, type StackOptions, startStack } from "../stack.ts";
import { printLog } from "./print.ts";

export type EnsuredStack = {
  url: string;
  startedByUs: boolean;
  /** Stops the stack where we started it, as soon as nobody else uses it any more. */
  stop: () => Promise<void>;
};

const startingMs = 60_000;

/**
 * The stack that runs in a directory, or one that is started now, quietly. Whoever finds a running one signs up as
 * its user, so that it is not stopped under them by the command that started it.
 */
export async function ensureStack(
  directory: string,
  options: Omit<StackOptions, "directory" | "mode" | "log"> = {},
): Promise<EnsuredStack> {
  const signOff = signUp(directory);
  const end = performance.now() + startingMs;
  while (performance.now() < end) {
    try {
      const stack = await startStack({
        isWatching: false,
        ...options,
        directory,
        mode: "dev",
        log: quietLog,
      });
      return { url: stack.url, startedByUs: true, stop: () => stopWhenUnused(stack, directory, signOff) };
    } catch (error) {
      if (!(error instanceof AlreadyRunning)) {
        signOff();
        throw error;
      }
      // Without an address it is starting or stopping; either ends.
      if (error.url) return { url: error.url, startedByUs: false, stop: async () => signOff() };
      await sleep(100);
    }
  }
  signOff();
  throw new Error("The stack that is starting here does not become ready");
}

const quietLog: Log = (part, line, level) => {
  if (level === "error") printLog(part, line, level);
};

/**
 * Hides the stack before it looks for users, as users sign up before they look for a stack: of a user that comes
 * just now, one of the two sees the other.
 */
async function stopWhenUnused(stack: Stack, directory: string, signOff: () => void): Promise<void> {
  signOff();
  for (;;) {
    stack.publish(false);
    if (!hasUsers(directory)) break;
    stack.publish(true);
    await sleep(200);
  }
  await stack.stop();
}

function signUp(directory: string): () => void {
  const path = join(directory, "users", `${process.pid}.json`);
  mkdirSync(join(directory, "users"), { recursive: true });
  writeFileSync(path, JSON.stringify(identityOf(process.pid)));
  return () => rmSync(path, { force: true });
}

function hasUsers(directory: string): boolean {
  return readdirSync(join(directory, "users")).some((name) => {
    const identity = identityOf(Number.parseInt(name, 10));
    return identity !== undefined && identity === readJson(join(directory, "users", name));
  });
}
