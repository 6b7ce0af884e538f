import * as z from "zod/mini";
import { sleep } from "../backoff.ts";
import { UnexpectedReply, Unreachable } from "../problem.ts";

/** What a stage says of itself at `/config.json`, beside its page. */
const Config = z.object({
  apiUrl: z.string(),
  issuer: z.string(),
  clientId: z.string(),
  audience: z.string(),
});

export type Service = {
  /** Where the page is. */
  origin: string;
  apiUrl: string;
  issuer: string;
  clientId: string;
  audience: string;
};

const attempts = 3;

/**
 * Asks a stage where its API and its issuer are. `url` is its page or its API.
 * Throws `Unreachable`, or `UnexpectedReply` where something else lives there.
 */
export async function discover(url: string, signal?: AbortSignal): Promise<Service> {
  const { origin } = new URL(url);
  for (let attempt = 1; ; attempt++) {
    try {
      const response = await fetch(new URL("/config.json", origin), signal ? { signal } : {});
      const config = Config.safeParse(await response.json().catch(() => undefined));
      if (!response.ok || !config.success) throw new UnexpectedReply(`${origin} is no t2m service`);
      return { ...config.data, origin, apiUrl: new URL(config.data.apiUrl, origin).href };
    } catch (error) {
      signal?.throwIfAborted();
      if (error instanceof UnexpectedReply) throw error;
      if (attempt === attempts) throw new Unreachable(`No answer from ${origin}`, { cause: error });
      await sleep(200 * attempt, signal);
    }
  }
}

/** Whether an address is on this machine. */
export function isLocal(url: string): boolean {
  const { hostname } = new URL(url);
  return hostname === "localhost" || hostname === "[::1]" || /^127\./.test(hostname);
}
