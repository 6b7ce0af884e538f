/**
 * A value as Postgres can hold it: neither text nor JSON takes NUL characters, and JSON no half of a surrogate pair.
 * Names and what ffmpeg says may hold both.
 */
export function storable<T>(value: T): T {
  return clean(value) as T;
}

function clean(value: unknown): unknown {
  if (typeof value === "string") return value.replaceAll("\0", "").toWellFormed();
  if (Array.isArray(value)) return value.map(clean);
  if (typeof value !== "object" || value === null || value instanceof Date) return value;
  return Object.fromEntries(Object.entries(value).map(([name, field]) => [clean(name), clean(field)]));
}
