import type { Claim } from "./claim.ts";
import { type Heartbeat, renewLease } from "./heartbeat.ts";

/** The reason of the signal with which a worker is told to stop. */
export class StopWork extends Error {
  override readonly name = "StopWork";
  readonly reason: "cancelled" | "lost";

  constructor(reason: "cancelled" | "lost") {
    super(`the step is ${reason}`);
    this.reason = reason;
  }
}

export type Progress = {
  /** Aborts, with a `StopWork`, when the job is to be cancelled or the lease is lost. */
  signal: AbortSignal;
  /** How far the step is, 0 to 100; cheap, to be called as often as one likes. Never goes back. */
  report: (percent: number) => void;
  /** No heartbeat is under way or follows after this. */
  stop: () => Promise<void>;
};

const beatMs = 1000;

/**
 * Keeps a claim alive while its step runs: a heartbeat a second with the newest percentage, also when ffmpeg is
 * silent, since a cancel is learned by it; one at a time. Where a job runs many steps at once each beats less
 * often, so that the job's item sees about one write a second, but three times within a lease.
 * A lease that could not be renewed until its end counts as lost.
 */
export function startProgress(claim: Claim, leaseSeconds: number): Progress {
  const controller = new AbortController();
  let percent = 0;
  let until = claim.until;
  let runningSteps = Math.max(1, Object.keys(claim.job.leases).length);
  let timer: NodeJS.Timeout | undefined;
  let beating: Promise<void> = Promise.resolve();
  let stopped = false;

  const beat = async () => {
    const heard = await renewLease(claim, percent).catch((): Heartbeat | undefined => undefined);
    if (stopped) return;
    if (heard?.type === "ok") ({ until, runningSteps } = heard);
    else if (heard) stopFor(heard.type);
    else if (Date.now() >= until) stopFor("lost");
    next();
  };
  const stopFor = (reason: "cancelled" | "lost") => {
    stopped = true;
    controller.abort(new StopWork(reason));
  };
  const next = () => {
    if (stopped) return;
    const pauseMs = Math.min(beatMs * runningSteps, (leaseSeconds * 1000) / 3);
    timer = setTimeout(() => {
      beating = beat();
    }, pauseMs);
  };
  next();

  return {
    signal: controller.signal,
    report: (value) => {
      percent = Math.max(percent, Math.min(100, Math.floor(value * 10) / 10));
    },
    stop: async () => {
      stopped = true;
      clearTimeout(timer);
      await beating;
    },
  };
}
