/** Lets work stop and go on: `passed` waits while paused, `running` is aborted by the next pause. */
export type Pause = {
  readonly paused: boolean;
  readonly running: AbortSignal;
  pause(): void;
  resume(): void;
  passed(signal: AbortSignal): Promise<void>;
};

export function createPause(): Pause {
  let controller = new AbortController();
  let open = Promise.withResolvers<void>();
  open.resolve();
  let paused = false;
  return {
    get paused() {
      return paused;
    },
    get running() {
      return controller.signal;
    },
    pause() {
      if (paused) return;
      paused = true;
      open = Promise.withResolvers<void>();
      controller.abort();
    },
    resume() {
      if (!paused) return;
      paused = false;
      controller = new AbortController();
      open.resolve();
    },
    async passed(signal) {
      while (paused) {
        const stopped = Promise.withResolvers<never>();
        const stop = () => stopped.reject(signal.reason);
        signal.addEventListener("abort", stop, { once: true });
        if (signal.aborted) stop();
        await Promise.race([open.promise, stopped.promise]).finally(() =>
          signal.removeEventListener("abort", stop),
        );
      }
      signal.throwIfAborted();
    },
  };
}
