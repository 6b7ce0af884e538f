import type { Output, SignedOutput } from "@t2m/contract/jobs";
import { objectKey } from "@t2m/contract/keys";
import { ApiError, notFound } from "../errors.ts";
import type { ObjectRef } from "../storage/address.ts";
import { signDownload } from "../storage/presign.ts";
import { findJob } from "./get.ts";
import type { JobKey } from "./items.ts";

/** Where an output of a job lies: posters beside other small pictures, everything else with the media. */
export function outputRef(
  { userId, jobId }: JobKey,
  { name, role }: Pick<Output, "name" | "role">,
): ObjectRef {
  if (role !== "poster")
    return { bucket: "videos", key: objectKey({ userId, jobId, kind: "outputs", name }) };
  return { bucket: "thumbnails", key: objectKey({ userId, jobId, kind: "thumbnails", name }) };
}

/**
 * A URL of an output under its owner's own file name: to download within fifteen minutes, or to play for two hours.
 * Throws `ApiError`: not_found, job.not_finished.
 */
export async function signOutput(
  key: JobKey,
  { name, use }: { name: string; use: "download" | "play" },
): Promise<SignedOutput> {
  const job = await findJob(key);
  if (!job) throw notFound("job");
  if (job.status !== "completed") {
    throw new ApiError("job.not_finished", `The job is ${job.status}: it has no outputs to download.`);
  }
  const output = job.outputs?.find((one) => one.name === name);
  if (!output) throw notFound("output");
  const { fileName, contentType } = output;
  const { url, expiresAt } = signDownload(outputRef(key, output), { fileName, contentType, use });
  return { url, expiresAt: expiresAt.toISOString(), output };
}
