import * as z from "zod/mini";
import { secretsManager } from "../aws/secrets-manager.ts";
import { isUnavailable } from "../errors.ts";

type Held = { value: string; fetchedAt: number };

const freshMs = 5 * 60_000;
/** Refusals for another reason than a new secret must not ask Secrets Manager each time. */
const refetchMs = 1_000;

const held = new Map<string, Held>();
const underWay = new Map<string, Promise<Held>>();

const Answer = z.object({ SecretString: z.string() });

/**
 * A secret's value, from memory for five minutes. While Secrets Manager is away, the value known last serves on.
 * @param secretId name or ARN
 * Throws `AwsError` where it may not be read, `ApiError` "service.unavailable" where there is none to serve.
 */
export async function readSecret(secretId: string): Promise<string> {
  return (await current(secretId)).value;
}

/**
 * Calls `use` with the secret. Where that is refused because the secret was rotated meanwhile, once more with the new
 * one: who uses a secret so sees no rotation.
 * @param isRefused whether an error means that the secret did not open the door
 */
export async function withSecret<T>(
  secretId: string,
  use: (value: string) => Promise<T>,
  isRefused: (error: unknown) => boolean,
): Promise<T> {
  const tried = await current(secretId);
  try {
    return await use(tried.value);
  } catch (error) {
    if (!isRefused(error) || Date.now() - tried.fetchedAt < refetchMs) throw error;
    // Somebody else may have fetched it since.
    const known = held.get(secretId);
    const newer = known && known.fetchedAt > tried.fetchedAt ? known : await fetchOnce(secretId);
    if (newer.value === tried.value) throw error;
    return use(newer.value);
  }
}

async function current(secretId: string): Promise<Held> {
  const known = held.get(secretId);
  if (known && Date.now() - known.fetchedAt < freshMs) return known;
  try {
    return await fetchOnce(secretId);
  } catch (error) {
    if (!known || !isUnavailable(error)) throw error;
    return known;
  }
}

/** All who ask at the same time share one request. */
function fetchOnce(secretId: string): Promise<Held> {
  const running = underWay.get(secretId);
  if (running !== undefined) return running;
  const fetching = fetchSecret(secretId).finally(() => underWay.delete(secretId));
  underWay.set(secretId, fetching);
  return fetching;
}

async function fetchSecret(secretId: string): Promise<Held> {
  const { SecretString: value } = Answer.parse(
    await secretsManager("GetSecretValue", { SecretId: secretId }),
  );
  const fetched = { value, fetchedAt: Date.now() };
  held.set(secretId, fetched);
  return fetched;
}
