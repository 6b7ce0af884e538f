import { homedir, userInfo } from "node:os";
import { join } from "node:path";

/** What the command takes from its surroundings; nothing else in this package reads the environment. */
export type Environment = {
  /** `T2M_URL`: the service to talk to, where `--url` is absent. */
  url: string | undefined;
  /** `T2M_TOKEN`: a bearer token, where `--token` is absent. */
  token: string | undefined;
  /** Where sign-ins and unfinished uploads are remembered: below `XDG_STATE_HOME` and its like. */
  stateDirectory: string;
  /** Who is signed in at this machine; the name that a local stack signs in by. */
  userName: string;
};

export function readEnvironment(variables: NodeJS.ProcessEnv = process.env): Environment {
  const text = (name: string) => variables[name]?.trim() || undefined;
  return {
    url: text("T2M_URL"),
    token: text("T2M_TOKEN"),
    stateDirectory: join(text("XDG_STATE_HOME") ?? text("LOCALAPPDATA") ?? usualStateHome(), "t2m"),
    userName: userName(),
  };
}

function usualStateHome(): string {
  return process.platform === "darwin"
    ? join(homedir(), "Library", "Application Support")
    : join(homedir(), ".local", "state");
}

function userName(): string {
  try {
    // Services' users may begin with an underscore, which no person's name does.
    return userInfo().username.replace(/^[^\p{L}\p{N}]+/u, "") || "me";
  } catch {
    // A user id without an entry in the system's list, as in some containers.
    return "me";
  }
}
