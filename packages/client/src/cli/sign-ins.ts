import { createHash } from "node:crypto";
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import * as z from "zod/mini";
import { type Relying, renewTokens, SignInFailed, type Tokens } from "../sign-in.ts";

const Saved = z.object({
  issuer: z.string(),
  accessToken: z.string(),
  refreshToken: z.optional(z.string()),
  expiresAt: z.optional(z.number()),
});

const renewBeforeMs = 60_000;

/** Keeps tokens in a file that only its owner can read, one for each issuer. */
export async function saveTokens(stateDirectory: string, relying: Relying, tokens: Tokens): Promise<void> {
  const file = fileOf(stateDirectory, relying);
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  const text = JSON.stringify({ issuer: relying.issuer, ...tokens });
  await writeFile(`${file}.${process.pid}`, text, { mode: 0o600 });
  await rename(`${file}.${process.pid}`, file);
}

/**
 * The token of an earlier `t2m login`, renewed where it is about to end or was refused and that can be done;
 * undefined where signing in again is the only way.
 */
export async function savedToken(
  stateDirectory: string,
  relying: Relying,
  { renew }: { renew: boolean },
): Promise<string | undefined> {
  const file = fileOf(stateDirectory, relying);
  const text = await readFile(file, "utf8").catch(() => "");
  const saved = Saved.safeParse(jsonOf(text));
  if (!saved.success) return undefined;
  const { accessToken, refreshToken, expiresAt = Number.POSITIVE_INFINITY } = saved.data;
  if (!renew && expiresAt - renewBeforeMs > Date.now()) return accessToken;
  if (!refreshToken) return undefined;
  try {
    const tokens = await renewTokens(relying, refreshToken);
    await saveTokens(stateDirectory, relying, tokens);
    return tokens.accessToken;
  } catch (error) {
    if (!(error instanceof SignInFailed)) throw error;
    await rm(file, { force: true });
    return undefined;
  }
}

function fileOf(stateDirectory: string, { issuer, clientId }: Relying): string {
  const name = createHash("sha256").update(`${issuer} ${clientId}`).digest("hex").slice(0, 32);
  return join(stateDirectory, "sign-ins", `${name}.json`);
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
