import { ApiProblem, Unreachable } from "../problem.ts";

/** How the command ends; `t2m --help` explains the same codes. */
export const exitCodes = {
  ok: 0,
  failed: 1,
  usage: 2,
  notSignedIn: 3,
  unavailable: 4,
  interrupted: 130,
} as const;

/** The command line itself is wrong: a file, an option, an id. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

export class NotSignedIn extends Error {
  override readonly name = "NotSignedIn";
}

/** The service, or the stack on this machine, cannot be used. */
export class Unavailable extends Error {
  override readonly name = "Unavailable";
}

/** Ctrl-C, or whatever else asked the command to end. */
export class Interrupted extends Error {
  override readonly name = "Interrupted";
}

/** The work was done and did not succeed: the job's own words say why. */
export class JobFailed extends Error {
  override readonly name = "JobFailed";
  readonly code: string;
  readonly log: string | undefined;
  constructor(message: string, code: string, log?: string) {
    super(message);
    this.code = code;
    this.log = log;
  }
}

export function exitCodeOf(error: unknown): number {
  if (error instanceof Interrupted) return exitCodes.interrupted;
  if (error instanceof UsageError) return exitCodes.usage;
  if (error instanceof NotSignedIn) return exitCodes.notSignedIn;
  if (error instanceof Unavailable || error instanceof Unreachable) return exitCodes.unavailable;
  if (!(error instanceof ApiProblem)) return exitCodes.failed;
  if (error.status === 401) return exitCodes.notSignedIn;
  if (error.status === 429 || error.status >= 500) return exitCodes.unavailable;
  return exitCodes.failed;
}

/** What `--json` says of a failure. */
export function failureJson(error: unknown): { code: string; message: string } {
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof ApiProblem || error instanceof JobFailed) return { code: error.code, message };
  return { code: error instanceof Error ? error.name : "Error", message };
}
