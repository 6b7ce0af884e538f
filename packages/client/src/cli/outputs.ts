import type { Job } from "@t2m/contract/jobs";
import type { Client } from "../client.ts";
import { download } from "./download.ts";
import { claim, placeFor, type Wish } from "./paths.ts";
import type { Task } from "./report.ts";
import { bytesText } from "./text.ts";

export type FetchOutputs = {
  client: Client;
  task: Task;
  wish: Wish;
  force: boolean;
  /** Files that must never be written to. */
  inputs: readonly string[];
  signal: AbortSignal;
};

/** Downloads all outputs of a completed job and answers with their paths. */
export async function fetchOutputs(job: Job, fetching: FetchOutputs): Promise<string[]> {
  const { client, task, force, inputs, signal } = fetching;
  const wish = { ...fetching.wish, several: fetching.wish.several || job.outputs.length > 1 };
  const paths: string[] = [];
  for (const { name, fileName, sizeBytes, checksumCrc32 } of job.outputs) {
    const claimed = await claim(await placeFor(fileName, wish), force, inputs);
    const params = { jobId: job.id, name };
    try {
      await download(claimed.path, {
        sign: async () => (await client.signOutput({ params, signal })).url,
        sizeBytes,
        checksumCrc32,
        signal,
        onProgress: (bytes) => task.at("downloading", (bytes / sizeBytes) * 100, bytesText(bytes)),
      });
    } catch (error) {
      await claimed.release();
      throw error;
    }
    paths.push(claimed.path);
  }
  return paths;
}
