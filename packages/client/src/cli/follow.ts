import { finalStatuses, type Job } from "@t2m/contract/jobs";
import type { Client } from "../client.ts";
import { JobFailed } from "./failures.ts";

/**
 * Follows a job to its end and answers with it.
 * Throws `JobFailed` where it failed or was cancelled, and the signal's reason.
 */
export async function follow(
  client: Client,
  jobId: string,
  { signal, onPercent }: { signal: AbortSignal; onPercent: (percent: number) => void },
): Promise<Job> {
  const params = { jobId };
  const first = await client.getJob({ params, signal });
  if (finalStatuses.includes(first.status)) return succeeded(first);
  onPercent(first.percent);
  for await (const update of client.streamJob({ params, signal, after: first.version })) {
    if (update.type === "progress") onPercent(update.percent);
  }
  return succeeded(await client.getJob({ params, signal }));
}

function succeeded(job: Job): Job {
  if (job.status === "completed") return job;
  const { message = "The job was cancelled", code = "conversion.cancelled", log } = job.failure ?? {};
  throw new JobFailed(message, code, log);
}
