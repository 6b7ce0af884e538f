import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";

export type Link = { megabytesPerSecond: number; roundTripMs: number };

/**
 * A TCP proxy that makes loopback as slow as a network: each connection carries at most so many bytes a second in
 * each direction, and each byte arrives half a round trip late. Gives the port it listens on.
 */
export async function shape(target: { port: number }, link: Link): Promise<number> {
  const server = createServer((client) => {
    const upstream = connect(target.port, "127.0.0.1");
    carry(client, upstream, link);
    carry(upstream, client, link);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (typeof address !== "object" || !address) throw new Error("a TCP server has a port");
  return address.port;
}

/** Chunks leave in order, each when the one before it is through and half a round trip has passed. */
function carry(from: Socket, to: Socket, { megabytesPerSecond, roundTripMs }: Link): void {
  const bytesPerMs = megabytesPerSecond * 1000;
  const mostWaiting = bytesPerMs * roundTripMs * 2;
  let freeAt = 0;
  let waiting = 0;
  from.setNoDelay(true);
  from.on("data", (chunk) => {
    const now = performance.now();
    freeAt = Math.max(freeAt, now) + chunk.length / bytesPerMs;
    waiting += chunk.length;
    if (waiting > mostWaiting) from.pause();
    setTimeout(
      () => {
        waiting -= chunk.length;
        if (!to.destroyed) to.write(chunk);
        if (waiting <= mostWaiting) from.resume();
      },
      freeAt - now + roundTripMs / 2,
    );
  });
  from.on("end", () => setTimeout(() => to.end(), Math.max(0, freeAt - performance.now()) + roundTripMs / 2));
  from.on("error", () => to.destroy());
  from.on("close", () =>
    setTimeout(() => to.destroy(), Math.max(0, freeAt - performance.now()) + roundTripMs),
  );
}
