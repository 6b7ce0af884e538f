import { randomUUID } from "node:crypto";
import { type Client, createClient } from "@t2m/client/client";
import type { UserId } from "@t2m/contract/ids";
import { finalStatuses, type Job } from "@t2m/contract/jobs";
import { userIdOf } from "@t2m/core/identity/user-id";
import { until } from "@t2m/local/processes/wait";
import * as z from "zod/mini";

type StackAddress = {
  apiUrl: string;
  issuerUrl: string;
  tokenFor: (name: string) => Promise<string>;
};

/** Somebody new, who talks to the stack over HTTP as everybody does. */
export type Person = {
  token: string;
  userId: UserId;
  /** Tries each call once: a refusal is what it is. */
  client: Client;
  /** The job once it has ended. */
  ended(jobId: string, withinMs?: number): Promise<Job>;
};

const Claims = z.object({ sub: z.string() });

export async function arrive(stack: StackAddress): Promise<Person> {
  const token = await stack.tokenFor(`e2e ${randomUUID()}`);
  const claims = Claims.parse(JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString()));
  const patience = { attempts: 1, baseMs: 1, capMs: 1 };
  const client = createClient({ baseUrl: stack.apiUrl, token, patience });
  return {
    token,
    userId: userIdOf(stack.issuerUrl, claims.sub),
    client,
    ended: (jobId, withinMs = 30_000) =>
      until("the job ends", withinMs, async () => {
        const job = await client.getJob({ params: { jobId } });
        return finalStatuses.includes(job.status) && job;
      }),
  };
}
