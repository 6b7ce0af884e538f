import type { Job } from "@t2m/contract/jobs";
import { downloadFrom } from "../lib/leave.ts";
import { jobChanges, jobGone, putJob, watchJob } from "../rows/jobs.ts";
import { client } from "../session/client.ts";

/** What is wanted of a job; a failure to say so leaves it as it is, and the next look tells. */
export async function cancelJob(jobId: string): Promise<void> {
  putJob(await client.cancelJob({ params: { jobId } }));
  jobChanges.update((count) => count + 1);
}

/** The same conversion of the same upload. Throws what the API refuses, such as an upload that has expired. */
export async function repeatJob({
  uploadId,
  conversion,
}: Pick<Job, "uploadId" | "conversion">): Promise<Job> {
  const job = await client.createJob({ body: { uploadId, conversion } });
  putJob(job);
  watchJob(job.id);
  jobChanges.update((count) => count + 1);
  return job;
}

export async function deleteJob(jobId: string): Promise<void> {
  await client.deleteJob({ params: { jobId } });
  jobGone(jobId);
  jobChanges.update((count) => count + 1);
}

/** What has expired is only in the record any more. */
export async function deletePastJob(jobId: string): Promise<void> {
  await client.deletePastJob({ params: { jobId } });
  jobChanges.update((count) => count + 1);
}

/** The URL is made when it is wanted: it lives for minutes, this page may stay open for hours. */
export async function downloadOutput(jobId: string, name: string): Promise<void> {
  const { url } = await client.signOutput({ params: { jobId, name } });
  downloadFrom(url);
}
