import { maximumUrlsPerRequest } from "@t2m/contract/limits";
import type { SignedPart } from "@t2m/contract/uploads";
import type * as z from "zod/mini";
import { sleep } from "../backoff.ts";
import type { Client } from "../client.ts";

export type PartUrl = z.infer<typeof SignedPart> & { expiresAt: number };
export type Signer = (part: { partNumber: number; checksumCrc32: string }) => Promise<PartUrl>;

type Waiting = {
  part: { partNumber: number; checksumCrc32: string };
  signed: PromiseWithResolvers<PartUrl>;
};

const gatherMs = 30;

/**
 * Asks for parts' URLs. Parts that want one within a moment, or while a request is under way, share the next, up to
 * the most that one takes.
 */
export function createSigner(client: Client, uploadId: string, signal: AbortSignal): Signer {
  const waiting: Waiting[] = [];
  let asking = false;
  let asked = false;

  async function ask() {
    asking = true;
    // The first part of a file must not wait; later ones have others before them that are signed already.
    if (asked) await sleep(gatherMs, signal).catch(() => undefined);
    asked = true;
    while (waiting.length > 0) await answer(waiting.splice(0, maximumUrlsPerRequest));
    asking = false;
  }

  async function answer(batch: Waiting[]) {
    try {
      const body = { parts: batch.map(({ part }) => part) };
      const { parts, expiresAt } = await client.signParts({ params: { uploadId }, body, signal });
      const urls = new Map(parts.map((part) => [part.partNumber, part]));
      for (const { part, signed } of batch) {
        const url = urls.get(part.partNumber);
        if (url) signed.resolve({ ...url, expiresAt: Date.parse(expiresAt) });
        else signed.reject(new Error(`No URL came for part ${part.partNumber}`));
      }
    } catch (error) {
      for (const { signed } of batch) signed.reject(error);
    }
  }

  return (part) => {
    const signed = Promise.withResolvers<PartUrl>();
    waiting.push({ part, signed });
    if (!asking) void ask();
    return signed.promise;
  };
}
