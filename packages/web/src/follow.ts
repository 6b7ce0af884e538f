import { sleep } from "@t2m/client/backoff";
import type { Client } from "@t2m/client/client";
import { finalStatuses, type Job } from "@t2m/contract/jobs";

// Without HTTP/2 a browser has six connections to an origin; as many streams would leave none for anything else.
const mostStreams = 3;
const pollEveryMs = 1_500;
let streams = 0;

export type State = Pick<Job, "status"> & { percent?: number };

/** A job's states and percentages until it has ended, by its stream or, where too many are open, by asking. */
export async function* follow(client: Client, job: Job): AsyncGenerator<State, void> {
  const params = { jobId: job.id };
  if (streams >= mostStreams) {
    for (
      let state: Job = job;
      !finalStatuses.includes(state.status);
      state = await client.getJob({ params })
    ) {
      yield state;
      await sleep(pollEveryMs);
    }
    return;
  }
  streams++;
  try {
    for await (const update of client.streamJob({ params, after: job.version }))
      yield update.type === "progress" ? update : { status: update.event.status };
  } finally {
    streams--;
  }
}
