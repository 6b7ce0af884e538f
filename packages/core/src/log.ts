/**
 * One line of JSON, as CloudWatch and `local` read it. For people who run this, never for who asked. Not by `console`:
 * on Lambda that would wrap the line in one more, where no query finds its fields.
 */
export function log(
  level: "INFO" | "WARN" | "ERROR",
  message: string,
  fields: Record<string, unknown>,
): void {
  process.stdout.write(`${JSON.stringify({ level, message, ...fields })}\n`);
}

/** An error with its stack and what caused it, for the log. */
export function described(error: unknown): unknown {
  if (!(error instanceof Error)) return String(error);
  const { name, message, stack, cause } = error;
  return { name, message, stack, ...(cause === undefined ? {} : { cause: described(cause) }) };
}
