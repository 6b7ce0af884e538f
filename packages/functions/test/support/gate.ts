import { createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import type { Socket } from "node:net";

export type Gate = {
  url: string;
  /** What went through: DynamoDB's operation, or method and path. */
  seen: { name: string; body: string }[];
  /** Nobody listens any more, and open connections break. */
  close(): Promise<void>;
  open(): Promise<void>;
};

/** Stands before a real service, so that a test can count its calls and take it away for a while. */
export async function startGate(target: string): Promise<Gate> {
  const seen: Gate["seen"] = [];
  const sockets = new Set<Socket>();
  const forward = async (incoming: IncomingMessage, response: ServerResponse) => {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk);
    const body = Buffer.concat(chunks);
    const { method, url, headers } = incoming;
    const operation = headers["x-amz-target"];
    seen.push({
      name: operation ? (String(operation).split(".")[1] ?? "") : `${method} ${url}`,
      body: body.toString(),
    });
    const sent = request(new URL(url ?? "/", target), { method, headers, setHost: false }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    sent.on("error", () => response.destroy());
    sent.end(body);
  };
  const start = async (port: number) => {
    const server = createServer((incoming, response) => {
      forward(incoming, response).catch(() => response.destroy());
    });
    server.on("connection", (socket: Socket) => {
      sockets.add(socket);
      socket.on("close", () => sockets.delete(socket));
    });
    await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
    return server;
  };
  let server = await start(0);
  const address = server.address();
  const port = typeof address === "object" && address ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}`,
    seen,
    close: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
    open: async () => {
      server = await start(port);
    },
  };
}
