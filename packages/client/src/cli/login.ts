import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { beginSignIn, finishSignIn, type Relying, type Tokens } from "../sign-in.ts";
import { Unavailable } from "./failures.ts";

const page = (text: string) =>
  `<!doctype html><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>t2m</title>` +
  `<body style="font:1.1rem system-ui;margin:20vh auto;max-width:30rem;text-align:center">${text}`;

/**
 * Signs in through the issuer's page: opens a browser there and waits on a port of this machine for the way back.
 * `show` gets the address, for those who must open it themselves. Throws `SignInFailed` or the signal's reason.
 */
export async function login(
  relying: Relying,
  { show, signal }: { show: (url: string) => Promise<void>; signal: AbortSignal },
): Promise<Tokens> {
  const cameBack = Promise.withResolvers<URL>();
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? "/", "http://127.0.0.1");
    const isAnswer = url.pathname === "/callback";
    response.writeHead(isAnswer ? 200 : 404, {
      "content-type": "text/html; charset=utf-8",
      connection: "close",
    });
    response.end(
      page(isAnswer ? "You can close this page and go back to the terminal." : "Nothing is here."),
    );
    if (isAnswer) cameBack.resolve(url);
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  }).catch((error: unknown) => {
    throw new Unavailable(`No port is free for the sign-in to come back to: ${String(error)}`);
  });
  const stop = () => cameBack.reject(signal.reason);
  signal.addEventListener("abort", stop, { once: true });
  try {
    const { port } = server.address() as AddressInfo;
    const pending = await beginSignIn(relying, `http://127.0.0.1:${port}/callback`);
    await show(pending.url);
    return await finishSignIn(relying, pending, await cameBack.promise);
  } finally {
    signal.removeEventListener("abort", stop);
    server.close();
  }
}
