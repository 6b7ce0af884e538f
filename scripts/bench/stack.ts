import { fork } from "node:child_process";
import { join } from "node:path";
import { type Client, createClient } from "@t2m/client/client";
import { userIdOf } from "@t2m/core/identity/user-id";
import { messageOf } from "./child.ts";

type Ready = {
  apiUrl: string;
  issuerUrl: string;
  environment: Record<string, string>;
  /** Where the stack keeps everything, its sandboxes' disks included. */
  directory: string;
  /** Of the record, where it was asked for. */
  databaseUrl?: string;
  readyMs: number;
};

export type BenchStack = Ready & {
  pid: number;
  token: string;
  userId: string;
  client: Client;
  stop(): void;
};

// As it was before a section pointed this process to its own stack: the next stack is to start its own parts.
const env = { ...process.env };

/** The embedded stack in its own process, with somebody signed in; with Postgres where it is asked for. */
export async function startBenchStack({ hasPostgres = false } = {}): Promise<BenchStack> {
  const child = fork(join(import.meta.dirname, "stack-child.ts"), hasPostgres ? ["postgres"] : [], { env });
  const ready = await messageOf<Ready>(child);
  const response = await fetch(`${ready.issuerUrl}/token`, {
    method: "POST",
    body: new URLSearchParams({ grant_type: "urn:t2m:name", name: "bench" }),
  });
  const { access_token: token }: { access_token: string } = await response.json();
  const client = createClient({ baseUrl: ready.apiUrl, token });
  const claims: { sub: string } = JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString());
  const userId = userIdOf(ready.issuerUrl, claims.sub);
  return { ...ready, pid: child.pid ?? 0, token, userId, client, stop: () => child.disconnect() };
}
