import { invalidArgument } from "./errors.ts";

export const OWNER = { ID: "local", DisplayName: "local" };

const LARGEST_PAGE = 1000;

/** @throws InvalidArgument */
export function pageSize(query: URLSearchParams, name: string): number {
  const text = query.get(name);
  const asked = Number(text || LARGEST_PAGE);
  if (!Number.isInteger(asked) || asked < 0)
    throw invalidArgument(`Provided ${name} not an integer or within integer range`, name, text ?? "");
  return Math.min(asked, LARGEST_PAGE);
}

/** The smallest key above `key`. */
export const afterKey = (key: string) => `${key}\u0000`;

/** The smallest key above all that start with `prefix`; null where there is none.
 * By code points, for they order as UTF-8 bytes do and UTF-16 units do not. */
export function afterPrefix(prefix: string): string | null {
  const points = [...prefix];
  for (let last = points.pop(); last !== undefined; last = points.pop()) {
    const next = (last.codePointAt(0) ?? 0) + 1;
    if (next > 0x10ffff) continue;
    // Surrogates are no characters: U+E000 comes after U+D7FF.
    return points.join("") + String.fromCodePoint(next >= 0xd800 && next <= 0xdfff ? 0xe000 : next);
  }
  return null;
}
