import { join } from "node:path";
import * as z from "zod/mini";
import { readJson, writeJson } from "../processes/json-file.ts";
import { accepts, freePort } from "../processes/port.ts";

const usualPort = 8260;
const Saved = z.object({ port: z.number() });

export type PortOptions = {
  directory: string;
  /** The developer's wish. */
  port?: number | undefined;
  /** The same port at every start: it is in the issuer's name, and so in who a user is. */
  isStable: boolean;
};

/**
 * The port for the page and the API.
 * @throws Error where the one asked for is taken
 */
export async function choosePort({ directory, port, isStable }: PortOptions): Promise<number> {
  if (port) {
    if (await accepts(port)) throw new Error(`Port ${port} is taken; choose another by PORT`);
    return port;
  }
  if (!isStable) return freePort();
  const path = join(directory, "port.json");
  const saved = Saved.safeParse(readJson(path));
  const wanted = saved.success ? saved.data.port : usualPort;
  const chosen = (await accepts(wanted)) ? await freePort() : wanted;
  if (chosen !== wanted || !saved.success) writeJson(path, { port: chosen });
  return chosen;
}
