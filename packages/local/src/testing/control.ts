import { createServer } from "node:http";
import type { Stack } from "../stack.ts";

/** Lets test files, which are processes of their own, do what only the stack's process can. */
export async function serveControl(stack: Stack): Promise<{ url: string; stop: () => void }> {
  const actions: Record<string, (argument: string) => unknown> = {
    expireNow: () => stack.expiry.expireNow(),
    runSchedule: (name) => stack.schedules.runNow(name),
    failures: () => stack.failures.list(),
    sandboxes: (name) => stack.pools.get(name)?.sandboxes() ?? [],
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
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" && address ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}`,
    stop: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
