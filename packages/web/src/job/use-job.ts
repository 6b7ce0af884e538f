import type { Job, JobEvent } from "@t2m/contract/jobs";
import { useEffect, useState } from "react";
import { isNotFound } from "../lib/problem.ts";
import { useStore } from "../lib/store.ts";
import { isFinal, jobGone, jobStore, putJob, watchJob } from "../rows/jobs.ts";
import { client } from "../session/client.ts";

const tryAgainMs = 5_000;
const movingEveryMs = 1_000;
const restingEveryMs = 60_000;
/** The service's clock may be behind this one, and expiry is in whole seconds. */
const graceMs = 1_500;
/** A stream that gets through begins at once with what has happened so far. */
const speaksWithinMs = 10_000;

/**
 * A job as it is now, and what has happened to it so far. Its event stream tells; where streams do not get through,
 * it is asked for instead. It goes on after the job's end, since a job can expire or be deleted while it is shown.
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
        if (isNotFound(failure)) return jobGone(jobId);
        setError(failure);
        setTimeout(() => !stop.signal.aborted && setRound((last) => last + 1), tryAgainMs);
      },
    );
    return () => stop.abort();
  }, [jobId, round]);
  return { ...known, events, error, retry: () => setRound(round + 1) };
}

type Call = { params: { jobId: string }; signal: AbortSignal };

/** Only ever ends by what it throws: that the job is gone, that nobody answers, or the signal's reason. */
async function follow(jobId: string, signal: AbortSignal, tell: (event: JobEvent) => void): Promise<void> {
  const call = { params: { jobId }, signal };
  putJob(await client.getJob(call));
  await listen(call, tell);
  for (;;) {
    const { job } = jobStore(jobId).get();
    const isResting = job !== undefined && isFinal(job);
    await client.getJob(call).then(putJob, (error: unknown) => {
      // What has ended changes no more: that nobody answers is no news then, that it is gone is.
      if (!isResting || signal.aborted || isNotFound(error)) throw error;
    });
    await untilNextLook(jobStore(jobId).get().job, signal);
  }
}

/** Follows the event stream to its end. Until it speaks, so for good where none gets through, the job is asked for. */
async function listen({ params, signal }: Call, tell: (event: JobEvent) => void): Promise<void> {
  const { jobId } = params;
  const silence = new AbortController();
  const timer = setTimeout(() => silence.abort(), speaksWithinMs);
  const stopAsking = watchJob(jobId);
  const call = { params, signal: AbortSignal.any([signal, silence.signal]) };
  try {
    for await (const update of client.streamJob(call)) {
      clearTimeout(timer);
      stopAsking();
      if (update.type === "event") tell(update.event);
      const { job } = jobStore(jobId).get();
      if (update.type === "progress" && job?.status === update.status)
        putJob({ ...job, percent: update.percent });
      // What an event has changed, outputs and failure with it, is in the job itself.
      else if (update.type === "progress" || (job && update.event.sequence > job.version)) {
        putJob(await client.getJob(call));
      }
    }
  } catch {
    // Whatever it was, the next look tells it as well, or does better.
    signal.throwIfAborted();
  } finally {
    clearTimeout(timer);
    stopAsking();
  }
}

/** Soon while the job moves. Once it has ended: at its expiry, when somebody comes back, and now and then. */
function untilNextLook(job: Job | undefined, signal: AbortSignal): Promise<void> {
  const isResting = job !== undefined && isFinal(job);
  const expiresInMs = job ? Date.parse(job.expiresAt) - Date.now() + graceMs : 0;
  const restMs = expiresInMs > 0 ? Math.min(expiresInMs, restingEveryMs) : restingEveryMs;
  return new Promise((resolve, reject) => {
    const over = new AbortController();
    const { signal: isOver } = over;
    const look = () => {
      over.abort();
      resolve();
    };
    // Nobody sees what a hidden page finds out; it looks when it is shown.
    const timer = setTimeout(
      () => (isResting && document.hidden) || look(),
      isResting ? restMs : movingEveryMs,
    );
    isOver.addEventListener("abort", () => clearTimeout(timer));
    addEventListener("focus", look, { signal: isOver });
    document.addEventListener("visibilitychange", look, { signal: isOver });
    signal.addEventListener(
      "abort",
      () => {
        over.abort();
        reject(signal.reason);
      },
      { signal: isOver },
    );
  });
}
