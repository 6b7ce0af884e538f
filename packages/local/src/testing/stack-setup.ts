import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { TestProject } from "vitest/node";
import type { S3Server } from "../buckets.ts";
import type { DynamodbServer } from "../dynamodb/call.ts";
import { serveCalls } from "./calls/serve.ts";

/** What a test file is told of the shared stack. */
export type SharedStackFacts = {
  /** Holds its whole state, temporary files of its functions included. */
  directory: string;
  url: string;
  apiUrl: string;
  issuerUrl: string;
  stage: string;
  environment: Readonly<Record<string, string>>;
  s3: S3Server;
  dynamodb: DynamodbServer & { table: string; streamArn: string };
  databaseUrl: string;
  controlUrl: string;
};

declare module "vitest" {
  interface ProvidedContext {
    stack: SharedStackFacts;
    /** Where stacks write down what their functions ask of AWS. */
    callsDirectory: string;
    /** Gives what they wrote, to whoever runs after them. */
    callsUrl: string;
  }
}

/**
 * Vitest's global setup for `*.stack.test.ts`: one whole stack for all of them, in a process of its own, so that it
 * runs on Node as it stands and not beside the test runner's own work.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const callsDirectory = mkdtempSync(join(tmpdir(), "t2m-calls-"));
  project.provide("callsDirectory", callsDirectory);
  const calls = await serveCalls(project, callsDirectory);
  project.vitest.provide("callsUrl", calls.url);
  const child = spawn(process.execPath, [join(import.meta.dirname, "stack-process.ts"), callsDirectory], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const exited = new Promise<void>((resolve) => child.once("close", () => resolve()));
  const line = await new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout }).once("line", resolve);
    child.once("close", () => reject(new Error("The shared stack did not start")));
  });
  const facts: SharedStackFacts = JSON.parse(line);
  project.provide("stack", facts);
  return async () => {
    child.stdin.end();
    await exited;
    calls.stop();
    rmSync(callsDirectory, { recursive: true, force: true });
  };
}
