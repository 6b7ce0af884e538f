import { request as ask, createServer } from "node:http";

/** What becomes of a request: carried out and answered, carried out without an answer, or neither. */
export type Fate = "pass" | "answer-lost" | "refused";

export type Asked = { operation: string; body: string };

export type FaultProxy = {
  url: string;
  /** What was asked for, in order. */
  asked: Asked[];
  stop: () => Promise<void>;
};

/** Stands before DynamoDB or S3 and decides the fate of each request once it is here whole. */
export async function startProxy(
  target: string,
  fateOf: (request: Asked) => Fate = () => "pass",
): Promise<FaultProxy> {
  const asked: Asked[] = [];
  const { hostname, port } = new URL(target);
  const server = createServer(async (incoming, response) => {
    const body = Buffer.concat(await incoming.toArray());
    const operation = String(incoming.headers["x-amz-target"] ?? incoming.method).replace(/^.*\./, "");
    const request = { operation, body: body.toString() };
    asked.push(request);
    const fate = fateOf(request);
    if (fate === "refused") return void incoming.socket.destroy();
    const { method, url: path, headers } = incoming;
    const outgoing = ask({ hostname, port, method, path, headers }, (answer) => {
      if (fate === "pass")
        return void answer.pipe(response.writeHead(answer.statusCode ?? 500, answer.headers));
      answer.resume().on("end", () => incoming.socket.destroy());
    });
    outgoing.on("error", () => incoming.socket.destroy());
    outgoing.end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const listening = typeof address === "object" && address ? address.port : 0;
  return {
    url: `http://127.0.0.1:${listening}`,
    asked,
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
