import { Unreachable } from "@t2m/client/problem";
import { createStore } from "../lib/store.ts";
import { text } from "../text.ts";
import { config, loadConfig } from "./config.ts";
import {
  forgetTokens,
  keepPending,
  keepTokens,
  keptTokens,
  type Person,
  personOf,
  takePending,
} from "./kept.ts";

export type SessionState =
  | { status: "starting" }
  | { status: "failed" }
  | { status: "signed-out"; notice?: string }
  | { status: "signed-in"; person: Person };

export const session = createStore<SessionState>({ status: "starting" });

const renewBeforeMs = 60_000;

// Needed at sign-in and once an hour; the first page need not carry it.
const signInModule = () => import("@t2m/client/sign-in");

/**
 * Reads the configuration and ends a sign-in that has just come back.
 * @returns the path that the person was on before
 */
export async function openSession(): Promise<string | undefined> {
  session.set({ status: "starting" });
  try {
    await loadConfig();
  } catch {
    session.set({ status: "failed" });
    return undefined;
  }
  const path = await comeBack();
  const tokens = keptTokens();
  if (tokens) session.set({ status: "signed-in", person: personOf(tokens.accessToken) });
  else if (session.get().status === "starting") session.set({ status: "signed-out" });
  return path;
}

async function comeBack(): Promise<string | undefined> {
  const cameBackTo = new URL(location.href);
  const isAnswer = cameBackTo.searchParams.has("code") || cameBackTo.searchParams.has("error");
  if (!isAnswer) return undefined;
  const pending = takePending();
  // The code is good for one use only, and has no business in the address.
  history.replaceState(null, "", "/");
  if (!pending) return undefined;
  try {
    const { finishSignIn } = await signInModule();
    keepTokens(await finishSignIn(config(), pending, cameBackTo));
    return pending.path;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    session.set({ status: "signed-out", notice: text.signIn.failed(reason) });
    return undefined;
  }
}

/** Leaves for the issuer's page; the person comes back to where they are now. */
export async function signIn(): Promise<void> {
  try {
    const { beginSignIn } = await signInModule();
    const pending = await beginSignIn(config(), new URL("/", location.origin).href);
    keepPending({ ...pending, path: `${location.pathname}${location.search}` });
    location.assign(pending.url);
  } catch {
    session.set({ status: "signed-out", notice: text.signIn.unreachable });
  }
}

export function signOut(notice?: string): void {
  forgetTokens();
  session.set({ status: "signed-out", ...(notice && { notice }) });
}

let renewing: Promise<string> | undefined;

/** A token that is good for a minute at least. Throws where the sign-in has ended. */
export async function accessToken({ renew }: { renew: boolean }): Promise<string> {
  const tokens = keptTokens();
  if (!tokens) return endSignIn();
  const { expiresAt = Number.POSITIVE_INFINITY, accessToken: token, refreshToken } = tokens;
  if (!renew && expiresAt - renewBeforeMs > Date.now()) return token;
  if (!refreshToken) return endSignIn();
  renewing ??= renewBy(refreshToken).finally(() => {
    renewing = undefined;
  });
  return renewing;
}

async function renewBy(refreshToken: string): Promise<string> {
  const { renewTokens, SignInFailed } = await signInModule().catch(unreachable);
  try {
    return keepTokens(await renewTokens(config(), refreshToken)).accessToken;
  } catch (error) {
    if (error instanceof SignInFailed) return endSignIn();
    return unreachable(error);
  }
}

function unreachable(cause: unknown): never {
  throw new Unreachable("The issuer does not answer", { cause });
}

function endSignIn(): never {
  if (session.get().status === "signed-in") signOut(text.signIn.ended);
  throw new Error(text.signIn.ended);
}
