import { existsSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { text } from "node:stream/consumers";

type Call = { method: string; params: [{ bundle?: string; handler?: string }] };

/** SST's components ask the command line tool for some things; this one stands for it. Gives its address. */
export async function startRpc(): Promise<string> {
  const server = createServer(async (request, response) => {
    const { method, params } = JSON.parse(await text(request)) as Call;
    response.setHeader("content-type", "application/json").end(JSON.stringify(reply(method, params[0])));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  // The program ends when nothing else is left to do.
  server.unref();
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("The server has no port");
  return `http://127.0.0.1:${address.port}`;
}

function reply(method: string, input: { bundle?: string; handler?: string }) {
  if (method === "Provider.Aws.Bootstrap") return { result: { asset: "sst-asset", state: "sst-state" } };
  if (method !== "Runtime.Build") return { error: `No answer to ${method}` };
  const { bundle = "", handler = "" } = input;
  const file = join(bundle, handler.replace(/\.\w+$/, ".mjs"));
  if (!existsSync(file)) return { error: `There is no ${file}` };
  return { result: { out: bundle, handler, errors: [], sourcemaps: [] } };
}
