/** In this order everything stops: no new work, then the workers, then what they work on. */
const phases = ["front", "work", "stores", "claim"] as const;
type Phase = (typeof phases)[number];

/** Collects how to stop what has been started, also of a start that fails halfway. */
export class Shutdown {
  readonly #stops = new Map<Phase, (() => void | Promise<void>)[]>();
  #done: Promise<void> | undefined;

  add(phase: Phase, stop: () => void | Promise<void>): void {
    this.#stops.set(phase, [...(this.#stops.get(phase) ?? []), stop]);
  }

  /** Stops all of it, once. @throws AggregateError where something could not be stopped; the rest is all the same */
  run(): Promise<void> {
    this.#done ??= this.#run();
    return this.#done;
  }

  async #run(): Promise<void> {
    const problems: unknown[] = [];
    for (const phase of phases) {
      const stops = this.#stops.get(phase) ?? [];
      const outcomes = await Promise.allSettled(stops.map(async (stop) => stop()));
      problems.push(
        ...outcomes.flatMap((outcome) => (outcome.status === "rejected" ? [outcome.reason] : [])),
      );
    }
    if (problems.length > 0) throw new AggregateError(problems, "The stack did not stop cleanly");
  }
}
