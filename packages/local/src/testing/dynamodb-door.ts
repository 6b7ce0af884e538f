import { Agent, request as ask, createServer, type IncomingMessage, type ServerResponse } from "node:http";

/** `pass` it on; `refuse` it, the connection cut before DynamoDB hears of it; `mute`: it is done, but nobody is told. */
export type Fate = "pass" | "refuse" | "mute";

export type Asked = { operation: string; body: string; accessKeyId: string | undefined };

export type DynamodbDoor = {
  url: string;
  /** Decides what becomes of a request, which waits so long. Everything passes where nothing is said. */
  judge: (fateOf: (request: Asked) => Fate | Promise<Fate>) => void;
  leadTo: (endpoint: string) => void;
  close: () => Promise<void>;
};

/**
 * Stands before DynamoDB: tells `onAsked` of each request, in order and whatever becomes of it, and keeps DynamoDB
 * away from who asks when a test wants that.
 */
export async function openDynamodbDoor(onAsked: (request: Asked) => void): Promise<DynamodbDoor> {
  const agent = new Agent({ keepAlive: true });
  let target = new URL("http://127.0.0.1:1");
  let fateOf = (_request: Asked): Fate | Promise<Fate> => "pass";

  const pass = async (incoming: IncomingMessage, response: ServerResponse) => {
    const body = Buffer.concat(await incoming.toArray());
    const { method, url: path, headers } = incoming;
    const request: Asked = {
      operation: String(headers["x-amz-target"]).replace(/^.*\./, ""),
      body: body.toString(),
      accessKeyId: /Credential=([^/]+)/.exec(headers.authorization ?? "")?.[1],
    };
    onAsked(request);
    const fate = await fateOf(request);
    if (fate === "refuse") return void incoming.socket.destroy();
    const { hostname, port } = target;
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
