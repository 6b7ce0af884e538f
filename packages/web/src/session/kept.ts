import type { Tokens } from "@t2m/client/sign-in";
import * as z from "zod/mini";

// The tab's own storage: it survives a reload and ends with the tab.
const tokensName = "t2m.tokens";
const pendingName = "t2m.sign-in";

const SavedTokens = z.object({
  accessToken: z.string(),
  refreshToken: z.optional(z.string()),
  expiresAt: z.optional(z.number()),
});
const SavedPending = z.object({
  url: z.string(),
  redirectUri: z.string(),
  verifier: z.string(),
  state: z.string(),
  /** The page to come back to. */
  path: z.string(),
});
type Pending = z.infer<typeof SavedPending>;

function read<Shape extends z.ZodMiniType>(name: string, shape: Shape): z.output<Shape> | undefined {
  try {
    return shape.parse(JSON.parse(sessionStorage.getItem(name) ?? ""));
  } catch {
    return undefined;
  }
}

export const keptTokens = () => read(tokensName, SavedTokens);

export function keepTokens(tokens: Tokens): Tokens {
  sessionStorage.setItem(tokensName, JSON.stringify(tokens));
  return tokens;
}

export const forgetTokens = () => sessionStorage.removeItem(tokensName);

export function keepPending(pending: Pending): void {
  sessionStorage.setItem(pendingName, JSON.stringify(pending));
}

export function takePending(): Pending | undefined {
  const pending = read(pendingName, SavedPending);
  sessionStorage.removeItem(pendingName);
  return pending;
}

const Claims = z.object({
  sub: z.string(),
  name: z.optional(z.string()),
  email: z.optional(z.string()),
});
export type Person = { subject: string; name?: string | undefined; email?: string | undefined };

/** Whom the token names. Only to show and to keep people's rows apart; the API checks the token itself. */
export function personOf(token: string): Person {
  try {
    const [, payload = ""] = token.split(".");
    const bytes = Uint8Array.from(atob(payload.replaceAll("-", "+").replaceAll("_", "/")), (character) =>
      character.charCodeAt(0),
    );
    const { sub, name, email } = Claims.parse(JSON.parse(new TextDecoder().decode(bytes)));
    return { subject: sub, name, email };
  } catch {
    return { subject: "me" };
  }
}
