import { fork } from "node:child_process";
import { join } from "node:path";
import { type Client, createClient } from "@t2m/client/client";
import { messageOf } from "./child.ts";

type Ready = {
  apiUrl: string;
  issuerUrl: string;
  environment: Record<string, string>;
  /** Where the stack keeps everything, its sandboxes' disks included. */
  directory: string;
  readyMs: number;
};

export type BenchStack = Ready & {
  pid: number;
  token: string;
  client: Client;
  stop(): void;
};

// As it was before a section pointed this process to its own stack: the next stack is to start its own parts.
const env = { ...process.env };

/** The embedded stack in its own process, with somebody signed in. */
export async function startBenchStack(): Promise<BenchStack> {
  const child = fork(join(import.meta.dirname, "stack-child.ts"), { env });
  const ready = await messageOf<Ready>(child);
  const response = await fetch(`${ready.issuerUrl}/token`, {
    method: "POST",
    body: new URLSearchParams({ grant_type: "urn:t2m:name", name: "bench" }),
  });
  const { access_token: token }: { access_token: string } = await response.json();
  const client = createClient({ baseUrl: ready.apiUrl, token });
  return { ...ready, pid: child.pid ?? 0, token, client, stop: () => child.disconnect() };
}
