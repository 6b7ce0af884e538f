import { connect, createServer, type Socket } from "node:net";

/** A statement as it went over the wire; `name` is empty for one that is forgotten at once. */
export type Statement = {
  text: string;
  name: string;
  parameters: (string | null)[];
  /** It was begun before the answer to the one before it had ended. */
  isEarly: boolean;
};

export type WireTap = {
  /** The database's URL, by way of the tap. */
  url: string;
  /** What was sent so far, oldest first. */
  statements: Statement[];
  /** Ends every connection and takes no new ones until `open`. */
  cut: () => void;
  open: () => void;
  /** Keeps what is sent from now on from Postgres; connections stay, nobody answers. */
  hold: (isHeld: boolean) => void;
  close: () => Promise<void>;
};

/**
 * Stands between a client and Postgres and reads what the client says:
 * https://www.postgresql.org/docs/17/protocol-message-formats.html
 */
export async function openWireTap(databaseUrl: string): Promise<WireTap> {
  const target = new URL(databaseUrl);
  const statements: Statement[] = [];
  const sockets = new Set<Socket>();
  let isCut = false;
  let isHeld = false;
  const server = createServer((client) => {
    if (isCut) return void client.destroy();
    const upstream = connect(Number(target.port), target.hostname);
    const awaited = { answers: 0 };
    const read = reader(statements, awaited);
    const hear = listener(awaited);
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on("error", () => undefined);
      socket.on("close", () => {
        sockets.delete(socket);
        client.destroy();
        upstream.destroy();
      });
    }
    client.on("data", (bytes) => {
      read(bytes);
      if (!isHeld) upstream.write(bytes);
    });
    upstream.on("data", (bytes) => {
      hear(bytes);
      client.write(bytes);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const url = new URL(databaseUrl);
  url.port = String(typeof address === "object" && address ? address.port : 0);
  const cut = () => {
    isCut = true;
    for (const socket of sockets) socket.destroy();
  };
  return {
    url: url.href,
    statements,
    cut,
    open: () => {
      isCut = false;
    },
    hold: (held) => {
      isHeld = held;
    },
    close: async () => {
      cut();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Reads one client's messages as they come, in whatever pieces; counts what is to be answered. */
function reader(statements: Statement[], awaited: { answers: number }): (bytes: Buffer) => void {
  const parsed = new Map<string, Pick<Statement, "text" | "isEarly">>();
  return messages(false, (type, body) => {
    const isEarly = awaited.answers > 0;
    if (type === "Q") statements.push({ text: text(body, 0).value, name: "", parameters: [], isEarly });
    if (type === "P") {
      const name = text(body, 0);
      parsed.set(name.value, { text: text(body, name.end).value, isEarly });
    }
    if (type === "B") {
      const name = text(body, text(body, 0).end);
      const known = parsed.get(name.value) ?? { text: "", isEarly };
      statements.push({ ...known, name: name.value, parameters: parametersOf(body, name.end) });
    }
    // A start, a query and a sync are each answered by one "ready for query".
    if (type === "" || type === "Q" || type === "S") awaited.answers++;
  });
}

function listener(awaited: { answers: number }): (bytes: Buffer) => void {
  return messages(true, (type) => {
    if (type === "Z") awaited.answers--;
  });
}

/** Takes a stream apart into its messages; a client's first one has no type. */
function messages(isTyped: boolean, take: (type: string, body: Buffer) => void): (bytes: Buffer) => void {
  let rest = Buffer.alloc(0);
  let hasType = isTyped;
  return (bytes) => {
    rest = Buffer.concat([rest, bytes]);
    for (;;) {
      const start = hasType ? 1 : 0;
      if (rest.length < start + 4) return;
      const length = start + rest.readUInt32BE(start);
      if (rest.length < length) return;
      const type = hasType ? String.fromCharCode(rest.readUInt8(0)) : "";
      const body = rest.subarray(start + 4, length);
      rest = rest.subarray(length);
      hasType = true;
      take(type, body);
    }
  };
}

/** Text up to the next zero byte, and where it goes on. */
function text(body: Buffer, from: number): { value: string; end: number } {
  const end = body.indexOf(0, from);
  return { value: body.toString("utf8", from, end), end: end + 1 };
}

function parametersOf(body: Buffer, from: number): (string | null)[] {
  let at = from + 2 + 2 * body.readUInt16BE(from);
  const count = body.readUInt16BE(at);
  at += 2;
  return Array.from({ length: count }, () => {
    const length = body.readInt32BE(at);
    at += 4;
    if (length < 0) return null;
    at += length;
    return body.toString("utf8", at - length, at);
  });
}
