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

/** Chunks arrive in order, each when those before it are through and half a round trip has passed. */
function carry(from: Socket, to: Socket, { megabytesPerSecond, roundTripMs }: Link): void {
  const bytesPerMs = megabytesPerSecond * 1000;
  const mostUnderWay = bytesPerMs * roundTripMs * 2;
  const underWay: { chunk: Buffer | undefined; at: number }[] = [];
  let freeAt = 0;
  let bytesUnderWay = 0;
  let isWaiting = false;

  const send = (chunk: Buffer | undefined) => {
    freeAt = Math.max(freeAt, performance.now()) + (chunk?.length ?? 0) / bytesPerMs;
    underWay.push({ chunk, at: freeAt + roundTripMs / 2 });
    bytesUnderWay += chunk?.length ?? 0;
    if (bytesUnderWay > mostUnderWay) from.pause();
    if (!isWaiting) wait();
  };
  const wait = () => {
    const [next] = underWay;
    isWaiting = next !== undefined;
    if (next) setTimeout(arrive, Math.max(1, next.at - performance.now()));
  };
  const arrive = () => {
    while (underWay[0] && underWay[0].at <= performance.now() + 0.5) {
      const { chunk } = underWay.shift() ?? {};
      bytesUnderWay -= chunk?.length ?? 0;
      if (chunk && !to.destroyed) to.write(chunk);
      if (!chunk) to.end();
    }
    if (bytesUnderWay <= mostUnderWay) from.resume();
    wait();
  };
  from.setNoDelay(true);
  from.on("data", send);
  from.on("end", () => send(undefined));
  from.on("error", () => to.destroy());
  to.on("error", () => from.destroy());
}
