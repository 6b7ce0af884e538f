import { createHash } from "node:crypto";

export type Person = { subject: string; name: string; email: string };

/** The name cannot be taken; the message is for the person who typed it. */
export class NameRefused extends Error {
  override name = "NameRefused";
}

const maximumLength = 60;

/**
 * Who signs in by this name. Case and spacing do not matter: `Ada` and ` ada ` are one person.
 *
 * @throws NameRefused
 */
export function personOf(typed: string): Person {
  const name = typed.normalize("NFKC").trim().replace(/\s+/g, " ");
  if (name === "") throw new NameRefused("Enter a name.");
  if ([...name].length > maximumLength) throw new NameRefused(`Use at most ${maximumLength} characters.`);
  if (!/^[\p{L}\p{M}\p{N} ._'’-]+$/u.test(name)) {
    throw new NameRefused("Use only letters, digits, spaces, dots, hyphens, underscores and apostrophes.");
  }
  if (!/^[\p{L}\p{N}]/u.test(name)) throw new NameRefused("Begin the name with a letter or a digit.");
  const subject = name.toLowerCase();
  return { subject, name, email: `${mailboxOf(subject)}@example.com` };
}

/** Names that are not plain ASCII get a piece of their hash, so that no two people share an address. */
function mailboxOf(subject: string): string {
  const plain = subject.replace(/[^a-z0-9]+/g, "-").replace(/^-|-$/g, "");
  if (plain === subject) return plain;
  const hash = createHash("sha256").update(subject).digest("hex").slice(0, 8);
  return plain === "" ? hash : `${plain}-${hash}`;
}
