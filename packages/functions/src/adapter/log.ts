/** One line of JSON, as CloudWatch and `local` read it. For people who run this, never for who asked. */
export function log(
  level: "INFO" | "WARN" | "ERROR",
  message: string,
  fields: Record<string, unknown>,
): void {
  const line = JSON.stringify({ level, message, ...fields });
  if (level === "ERROR") console.error(line);
  else if (level === "WARN") console.warn(line);
  else console.info(line);
}

/** An error with its stack and what caused it, for the log. */
export function described(error: unknown): unknown {
  if (!(error instanceof Error)) return String(error);
  const { name, message, stack, cause } = error;
  return { name, message, stack, ...(cause === undefined ? {} : { cause: described(cause) }) };
}
