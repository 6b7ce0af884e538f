import { createServer } from "node:http";
import * as z from "zod/mini";
import type { RequestLine } from "../s3/server.ts";
import type { Stack } from "../stack.ts";
import { listen } from "./listen.ts";

/** An answer of S3's that a test orders in the place of the right one. */
export const Refusal = z.object({
  method: z.string(),
  /** What the object's key holds. */
  keyPart: z.string(),
  status: z.int(),
  code: z.string(),
  times: z.int(),
});
export type Refusal = z.infer<typeof Refusal>;

/** Lets test files, which are processes of their own, do what only the stack's process can. */
export async function serveControl(
  stack: Stack,
  s3Requests: readonly RequestLine[],
): Promise<{ url: string; stop: () => void }> {
  const actions: Record<string, (argument: string) => unknown> = {
    expireNow: () => stack.expiry.expireNow(),
    runSchedule: (name) => stack.schedules.runNow(name),
    failures: () => stack.failures.list(),
    sandboxes: (name) => stack.pools.get(name)?.sandboxes() ?? [],
    s3Requests: (keyPart) =>
      s3Requests
        .filter(({ path }) => path.includes(keyPart))
        .map((line) => ({ ...line, query: line.query.toString() })),
    refuseAtS3: (order) => {
      const { method, keyPart, ...refusal } = Refusal.parse(JSON.parse(order));
      const match = (target: { method: string; key: string }) =>
        target.method === method && target.key.includes(keyPart);
      stack.s3.running?.faults.add({ kind: "refuse", ...refusal, match });
    },
  };
  const server = createServer(async (request, response) => {
    const [, action = "", argument = ""] = (request.url ?? "").split("/").map(decodeURIComponent);
    try {
      const run = actions[action];
      if (!run) throw new Error(`There is no action ${action}`);
      response.end(JSON.stringify((await run(argument)) ?? null));
    } catch (error) {
      response.writeHead(500).end(String(error));
    }
  });
  return await listen(server);
}
