import { join } from "node:path";
import { type Client, createClient } from "../client.ts";
import { folderStore } from "../node/store.ts";
import type { Token } from "../send.ts";
import { signInByName } from "../sign-in.ts";
import type { ResumeStore } from "../upload/resume.ts";
import type { Environment } from "./environment.ts";
import { NotSignedIn, UsageError } from "./failures.ts";
import { openLocalStack } from "./local-stack.ts";
import { discover, isLocal, type Service } from "./service.ts";
import { savedToken } from "./sign-ins.ts";

export type Globals = { url?: string; token?: string; json?: boolean; quiet?: boolean };

/** A service that we may talk to, with what was started for it. */
export type Session = {
  client: Client;
  service: Service;
  store: ResumeStore;
  /** Whether the stack was started by us, and so ends with us. */
  endsWithUs: boolean;
  close(): Promise<void>;
};

export type Opening = {
  globals: Globals;
  environment: Environment;
  signal: AbortSignal;
  /** For a person who waits for a stack to start. */
  note: (text: string) => void;
};

/** A running stack is found sooner than this; a longer wait is one for its start. */
const quickMs = 1_500;

/** Finds or starts the service. Throws what `discover` and `openLocalStack` throw. */
export async function openService({
  globals,
  environment,
  signal,
  note,
}: Opening): Promise<{ service: Service; endsWithUs: boolean; close(): Promise<void> }> {
  const url = globals.url ?? environment.url;
  if (url) {
    if (!URL.canParse(url))
      throw new UsageError(`--url wants an address such as https://example.org, not "${url}"`);
    return { service: await discover(url, signal), endsWithUs: false, close: async () => undefined };
  }
  const slow = setTimeout(() => note("Starting t2m on this machine …"), quickMs);
  const stack = await openLocalStack(signal).finally(() => clearTimeout(slow));
  try {
    return { service: await discover(stack.url, signal), endsWithUs: stack.startedByUs, close: stack.stop };
  } catch (error) {
    await stack.stop();
    throw error;
  }
}

/** Finds or starts the service and signs in to it. Throws `NotSignedIn` where only a person can. */
export async function openSession(opening: Opening): Promise<Session> {
  const { globals, environment } = opening;
  const opened = await openService(opening);
  try {
    const { service } = opened;
    const token = tokenSource(globals, environment, service);
    if (typeof token === "function") await token({ renew: false });
    const client = createClient({ baseUrl: service.apiUrl, token });
    // A local stack's address may change with its port; its uploads stay where they are.
    const scope = isLocal(service.origin) && !globals.url ? "local" : service.origin;
    return { ...opened, client, store: folderStore(join(environment.stateDirectory, "uploads"), scope) };
  } catch (error) {
    await opened.close();
    throw error;
  }
}

function tokenSource(globals: Globals, environment: Environment, service: Service): Token {
  const given = globals.token ?? environment.token;
  if (given) return given;
  let byName: string | undefined;
  return async ({ renew }) => {
    const saved = await savedToken(environment.stateDirectory, service, { renew });
    if (saved) return saved;
    if (isLocal(service.origin)) {
      if (!byName || renew) byName = (await signInByName(service, environment.userName))?.accessToken;
      if (byName) return byName;
    }
    throw new NotSignedIn(`Sign in first: t2m login --url ${service.origin}`);
  };
}
