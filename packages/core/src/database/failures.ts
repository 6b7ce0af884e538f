import { ConfigError } from "../config.ts";

/** No answer within the time that we give a statement or transaction; its connection is closed. */
export class DatabaseTimeout extends Error {
  override readonly name = "DatabaseTimeout";
}

/** Not reached, lost on the way, shutting down, starting up, full or too slow. */
const awayCodes = new Set([
  "CONNECT_TIMEOUT",
  "CONNECTION_CLOSED",
  "CONNECTION_DESTROYED",
  "CONNECTION_ENDED",
  "ECONNREFUSED",
  "ECONNRESET",
  "EPIPE",
  "ETIMEDOUT",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "57P01", // admin_shutdown
  "57P02", // crash_shutdown
  "57P03", // cannot_connect_now
]);
/** The database's own limits for a statement and for a transaction that says nothing. */
const slowCodes = new Set(["57014", "25P03"]);
/** Classes of SQLSTATE: the connection itself; too many connections, no memory or disk. */
const awayClasses = new Set(["08", "53"]);
/** Postgres ended the transaction for another's sake: the same again may well succeed. */
const rolledBackCodes = new Set(["40001", "40P01", "55P03"]);

/** It took too long: the same again would, too, and make things worse. */
export function isSlow(error: unknown): boolean {
  const code = codeOf(error);
  return (
    causes(error).some((one) => one instanceof DatabaseTimeout) || (code !== undefined && slowCodes.has(code))
  );
}

/** Postgres, or the way to it, is not there at the moment. */
export function isAway(error: unknown): boolean {
  const code = codeOf(error);
  return code !== undefined && (awayCodes.has(code) || awayClasses.has(code.slice(0, 2)));
}

/** The transaction met another's, and was rolled back whole. */
export function isRolledBack(error: unknown): boolean {
  const code = codeOf(error);
  return code !== undefined && rolledBackCodes.has(code);
}

/** A value or a row that the schema refuses, with the constraint's name where it is one. */
export function refusedBySchema(
  error: unknown,
): { code: string; constraint: string | undefined } | undefined {
  const code = codeOf(error);
  if (code === undefined || !(code.startsWith("22") || code.startsWith("23"))) return undefined;
  const named = causes(error).find(
    (one): one is { constraint_name: string } =>
      typeof one === "object" && one !== null && "constraint_name" in one,
  );
  return { code, constraint: named?.constraint_name };
}

/**
 * Our own code broke over what it was given, before or without Postgres: it would again, each time. What is wrong with
 * the configuration is not of that kind, nor what Postgres or the way to it says, all of which carry a code.
 */
export function isByRecord(error: unknown): boolean {
  const code = codeOf(error);
  return code === undefined ? !(error instanceof ConfigError) : code === "UNDEFINED_VALUE";
}

/** SQLSTATE, or the driver's or the operating system's word: Drizzle wraps what it threw. */
function codeOf(error: unknown): string | undefined {
  for (const one of causes(error)) {
    if (typeof one === "object" && one !== null && "code" in one && typeof one.code === "string")
      return one.code;
  }
  return undefined;
}

function causes(error: unknown): unknown[] {
  const found: unknown[] = [];
  for (let one = error; one !== undefined && found.length < 8; ) {
    found.push(one);
    // Several addresses of one host refused: Node gathers their errors.
    if (one instanceof AggregateError) found.push(...one.errors);
    one = one instanceof Error ? one.cause : undefined;
  }
  return found;
}
