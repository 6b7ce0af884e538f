import type { JobEvent } from "@t2m/contract/jobs";
import { useEffect, useState } from "react";
import { isNotFound } from "../lib/problem.ts";
import { useStore } from "../lib/store.ts";
import { jobStore, putJob } from "../rows/jobs.ts";
import { client } from "../session/client.ts";

const lookAgainMs = 5_000;

/**
 * A job as it is now, and what has happened to it so far. Its event stream tells; where streams do not get through,
 * the client polls instead, without a difference but the events' times of arrival.
 */
export function useJob(jobId: string) {
  const known = useStore(jobStore(jobId));
  const [events, setEvents] = useState<readonly JobEvent[]>([]);
  const [error, setError] = useState<unknown>();
  const [round, setRound] = useState(0);
  useEffect(() => {
    const stop = new AbortController();
    setEvents([]);
    setError(undefined);
    // Each round is a new try after the one before has failed.
    void round;
    follow(jobId, stop.signal, (event) => setEvents((before) => [...before, event])).catch(
      (failure: unknown) => {
        if (stop.signal.aborted) return;
        if (isNotFound(failure)) return jobStore(jobId).set({ isGone: true });
        setError(failure);
        setTimeout(() => !stop.signal.aborted && setRound((last) => last + 1), lookAgainMs);
      },
    );
    return () => stop.abort();
  }, [jobId, round]);
  return { ...known, events, error, retry: () => setRound(round + 1) };
}

async function follow(jobId: string, signal: AbortSignal, tell: (event: JobEvent) => void): Promise<void> {
  const call = { params: { jobId }, signal };
  putJob(await client.getJob(call));
  for await (const update of client.streamJob(call)) {
    if (update.type === "event") tell(update.event);
    const { job } = jobStore(jobId).get();
    if (update.type === "progress" && job?.status === update.status)
      putJob({ ...job, percent: update.percent });
    // What an event has changed, outputs and failure with it, is in the job itself.
    else if (update.type === "progress" || (job && update.event.sequence > job.version)) {
      putJob(await client.getJob(call));
    }
  }
  putJob(await client.getJob(call));
}
