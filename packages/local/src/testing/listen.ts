import type { Server } from "node:http";

/** Lets a server listen on a free port of this machine. `stop` ends its connections, too. */
export async function listen(server: Server): Promise<{ url: string; stop: () => void }> {
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
