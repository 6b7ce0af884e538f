import { JobId } from "@t2m/contract/ids";
import type { Job } from "@t2m/contract/jobs";
import { UsageError } from "./failures.ts";
import { follow } from "./follow.ts";
import { fetchOutputs } from "./outputs.ts";
import type { Report } from "./report.ts";
import type { Session } from "./session.ts";
import { bytesText, timeText } from "./text.ts";

export type JobWork = { session: Session; report: Report; signal: AbortSignal };

export async function listJobs({ session, report, signal }: JobWork, limit: number): Promise<void> {
  let cursor: string | undefined;
  for (let left = limit; left > 0; ) {
    const query = { limit: Math.min(left, 100), ...(cursor && { cursor }) };
    const page = await session.client.listJobs({ query, signal });
    for (const job of page.items) report.result(job, lineOf(job));
    left -= page.items.length;
    cursor = page.cursor;
    if (!cursor) return;
  }
}

/** Shows a job; with `wait` follows it to its end first. */
export async function showJob(
  { session, report, signal }: JobWork,
  id: string,
  wait: boolean,
): Promise<void> {
  const jobId = jobIdOf(id);
  if (wait) await waitFor({ session, report, signal }, jobId);
  const job = await session.client.getJob({ params: { jobId }, signal });
  report.result(job, describe(job));
}

async function waitFor({ session, report, signal }: JobWork, jobId: string): Promise<Job> {
  const task = report.task(jobId);
  try {
    return await follow(session.client, jobId, {
      signal,
      onPercent: (percent) => task.at("converting", percent),
    });
  } finally {
    task.end();
  }
}

export async function cancelJob({ session, report, signal }: JobWork, id: string): Promise<void> {
  const job = await session.client.cancelJob({ params: { jobId: jobIdOf(id) }, signal });
  report.result(job, job.cancelRequested && job.status === "running" ? "cancelling" : job.status);
}

/** Downloads a job's outputs to here or to `output`; waits for them where the job still runs. */
export async function downloadJob(
  work: JobWork,
  id: string,
  { output, force }: { output: string | undefined; force: boolean },
): Promise<void> {
  const { session, report, signal } = work;
  const job = await waitFor(work, jobIdOf(id));
  const task = report.task(job.sourceName);
  const wish = { output, several: false, beside: "." };
  const fetching = { client: session.client, task, force, inputs: [], signal, wish };
  const outputs = await fetchOutputs(job, fetching).finally(task.end);
  report.result({ jobId: job.id, outputs }, outputs.join("\n"));
}

function jobIdOf(id: string): string {
  if (JobId.safeParse(id).success) return id;
  throw new UsageError(`"${id}" is not a job's id; \`t2m jobs\` lists them`);
}

function lineOf({ id, status, percent, conversion, sourceName }: Job): string {
  const state = status === "running" ? `${status} ${Math.floor(percent)} %` : status;
  return `${id}  ${state.padEnd(13)} ${conversion.preset.padEnd(13)} ${sourceName}`;
}

function describe(job: Job): string {
  const lines = [lineOf(job), `  expires ${job.expiresAt}`];
  for (const { fileName, sizeBytes, durationSeconds } of job.outputs) {
    const duration = durationSeconds === undefined ? "" : `, ${timeText(durationSeconds)}`;
    lines.push(`  ${fileName} (${bytesText(sizeBytes)}${duration})`);
  }
  if (job.failure) lines.push(`  ${job.failure.code}: ${job.failure.message}`);
  return lines.join("\n");
}
