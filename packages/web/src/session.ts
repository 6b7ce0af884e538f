import { beginSignIn, finishSignIn, renewTokens, SignInFailed, type Tokens } from "@t2m/client/sign-in";
import * as z from "zod/mini";

const Config = z.object({
  apiUrl: z.string(),
  issuer: z.string(),
  clientId: z.string(),
  audience: z.string(),
});
export type Config = z.infer<typeof Config>;

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
});

// The tab's own storage: it survives a reload and ends with the tab.
const tokensName = "t2m.tokens";
const pendingName = "t2m.sign-in";
const renewBeforeMs = 60_000;

export type Session = {
  config: Config;
  isSignedIn(): boolean;
  /** Tells people who share this browser apart. */
  person(): string;
  token(why: { renew: boolean }): Promise<string>;
  signIn(): Promise<void>;
  signOut(): void;
};

/** Reads where the API and the issuer are, and ends a sign-in that has just come back. Throws `SignInFailed`. */
export async function openSession(onSignedOut: () => void): Promise<Session> {
  const response = await fetch("/config.json");
  const config = Config.parse(await response.json());
  await comeBack(config);
  const signOut = () => {
    sessionStorage.removeItem(tokensName);
    onSignedOut();
  };
  return {
    config,
    isSignedIn: () => read(tokensName, SavedTokens) !== undefined,
    person: () => subjectOf(read(tokensName, SavedTokens)?.accessToken ?? ""),
    signOut,
    async signIn() {
      const pending = await beginSignIn(config, new URL("/", location.origin).href);
      sessionStorage.setItem(pendingName, JSON.stringify(pending));
      location.assign(pending.url);
    },
    async token({ renew }) {
      const tokens = read(tokensName, SavedTokens);
      if (!tokens) throw new SignInFailed("Sign in first");
      const { expiresAt = Number.POSITIVE_INFINITY, refreshToken } = tokens;
      if (!renew && expiresAt - renewBeforeMs > Date.now()) return tokens.accessToken;
      if (refreshToken) {
        const renewed = await renewTokens(config, refreshToken).catch(nothingIfRefused);
        if (renewed) return keep(renewed).accessToken;
      }
      signOut();
      throw new SignInFailed("Your sign-in has ended; sign in again");
    },
  };
}

async function comeBack(config: Config): Promise<void> {
  const pending = read(pendingName, SavedPending);
  const cameBackTo = new URL(location.href);
  const isAnswer = cameBackTo.searchParams.has("code") || cameBackTo.searchParams.has("error");
  if (!pending || !isAnswer) return;
  sessionStorage.removeItem(pendingName);
  history.replaceState(null, "", "/");
  keep(await finishSignIn(config, pending, cameBackTo));
}

function keep(tokens: Tokens): Tokens {
  sessionStorage.setItem(tokensName, JSON.stringify(tokens));
  return tokens;
}

function nothingIfRefused(error: unknown): undefined {
  if (!(error instanceof SignInFailed)) throw error;
}

function read<Shape extends z.ZodMiniType>(name: string, shape: Shape): z.output<Shape> | undefined {
  try {
    return shape.parse(JSON.parse(sessionStorage.getItem(name) ?? ""));
  } catch {
    return undefined;
  }
}

/** Only to keep people's unfinished uploads apart; the API checks the token itself. */
function subjectOf(token: string): string {
  try {
    const [, payload = ""] = token.split(".");
    const { sub } = JSON.parse(atob(payload.replaceAll("-", "+").replaceAll("_", "/")));
    return String(sub);
  } catch {
    return "me";
  }
}
