import { Agent, request as ask, createServer, type IncomingMessage, type ServerResponse } from "node:http";

/** `pass` it on; `refuse` it, the connection cut before DynamoDB hears of it; `mute`: it is done, but nobody is told. */
export type Fate = "pass" | "refuse" | "mute";

export type Asked = { operation: string; body: string };

export type DynamodbDoor = {
  url: string;
  /** What came through, in order, whatever became of it. */
  asked: Asked[];
  /** Decides what becomes of a request. Everything passes where nothing is said. */
  judge: (fateOf: (request: Asked) => Fate) => void;
  leadTo: (endpoint: string) => void;
  close: () => Promise<void>;
};

/** Stands before DynamoDB: counts what is asked of it, and keeps it away from who asks when a test wants that. */
export async function openDynamodbDoor(): Promise<DynamodbDoor> {
  const asked: Asked[] = [];
  const agent = new Agent({ keepAlive: true });
  let target = new URL("http://127.0.0.1:1");
  let fateOf = (_request: Asked): Fate => "pass";

  const pass = async (incoming: IncomingMessage, response: ServerResponse) => {
    const body = Buffer.concat(await incoming.toArray());
    const operation = String(incoming.headers["x-amz-target"]).replace(/^.*\./, "");
    const request = { operation, body: body.toString() };
    asked.push(request);
    const fate = fateOf(request);
    if (fate === "refuse") return void incoming.socket.destroy();
    const { hostname, port } = target;
    const { method, url: path, headers } = incoming;
    const outgoing = ask({ agent, hostname, port, method, path, headers }, (answer) => {
      if (fate === "pass") answer.pipe(response.writeHead(answer.statusCode ?? 500, answer.headers));
      else answer.resume().on("end", () => incoming.socket.destroy());
    });
    outgoing.on("error", () => incoming.socket.destroy());
    outgoing.end(body);
  };
  const server = createServer((incoming, response) => {
    pass(incoming, response).catch(() => incoming.socket.destroy());
  });
  // Longer than functions keep theirs: they must not meet a connection that closes.
  server.keepAliveTimeout = 120_000;
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  return {
    url: `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}`,
    asked,
    judge: (judgement) => {
      fateOf = judgement;
    },
    leadTo: (endpoint) => {
      target = new URL(endpoint);
    },
    close: async () => {
      agent.destroy();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
