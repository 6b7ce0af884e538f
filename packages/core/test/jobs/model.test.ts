import { type Failure, finalStatuses } from "@t2m/contract/jobs";
import { cancelJob } from "@t2m/core/jobs/cancel";
import { type Claim, claimStep } from "@t2m/core/jobs/claim";
import { completeStep } from "@t2m/core/jobs/complete";
import { failStep } from "@t2m/core/jobs/fail";
import { getJob } from "@t2m/core/jobs/get";
import { graphs } from "@t2m/core/jobs/graph";
import { renewLease } from "@t2m/core/jobs/heartbeat";
import type { JobKey } from "@t2m/core/jobs/items";
import { queueJob } from "@t2m/core/jobs/queue";
import { sweepDue } from "@t2m/core/jobs/sweep";
import fc from "fast-check";
import { afterAll, beforeEach, expect, test, vi } from "vitest";
import { artificialGraph } from "./artificial-graph.ts";
import { givenJob, historyOf, jobOf, output, useParts } from "./support.ts";

const parts = useParts({ T2M_LEASE_SECONDS: "20" });
graphs.set("artificial", artificialGraph);
afterAll(() => {
  graphs.delete("artificial");
  vi.useRealTimers();
});
beforeEach(() => void vi.useFakeTimers({ toFake: ["Date"] }));

const pick = fc.nat(50);
const action = fc.oneof(
  { weight: 2, arbitrary: fc.constant({ do: "queue" } as const) },
  { weight: 6, arbitrary: fc.record({ do: fc.constant("deliver" as const), pick }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("beat" as const), pick, percent: fc.nat(100) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("complete" as const), pick }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("fail" as const), pick, retryable: fc.boolean() }) },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant("wait" as const), seconds: fc.constantFrom(1, 15, 25, 100) }),
  },
  { weight: 2, arbitrary: fc.constant({ do: "sweep" } as const) },
  { weight: 1, arbitrary: fc.constant({ do: "cancel" } as const) },
);
type Action = typeof action extends fc.Arbitrary<infer A> ? A : never;

/** One job, and everybody who ever held a claim on one of its steps: living, dead, or dead and not aware of it. */
class World {
  readonly key: JobKey;
  readonly #workers: Claim[] = [];
  /** Epoch milliseconds until which somebody rightfully works on a step. */
  readonly #held = new Map<string, number>();
  readonly #counts = new Map<string, number>();
  #percent = 0;
  #last: { status: string; version: number } = { status: "waiting", version: 1 };

  constructor(key: JobKey) {
    this.key = key;
  }

  async act(step: Action): Promise<void> {
    if (step.do === "queue") await queueJob(this.key);
    if (step.do === "wait") vi.setSystemTime(Date.now() + step.seconds * 1000);
    if (step.do === "sweep") await this.sweep();
    if (step.do === "cancel") await cancelJob(this.key);
    if (step.do === "deliver") await this.#deliver(step.pick);
    if ("pick" in step) await this.#work(step);
    await this.check();
  }

  /** Any order ever put, again and in any order; also steps whose order was never put. */
  async #deliver(place: number): Promise<void> {
    const steps = [...this.ordersPut(), "convert", "probe", "poster", "segment:0", "segment:1", "join"];
    const step = steps[place % steps.length] ?? "convert";
    await this.run(step);
  }

  async run(step: string): Promise<Claim | undefined> {
    const claim = await claimStep({ ...this.key, step });
    if (!claim) return undefined;
    expect(this.#held.get(step) ?? 0, "two hold one lease").toBeLessThanOrEqual(Date.now());
    this.#held.set(step, claim.until);
    this.#workers.push(claim);
    return claim;
  }

  async #work(step: Extract<Action, { pick: number }>): Promise<void> {
    const claim = this.#workers[step.pick % Math.max(1, this.#workers.length)];
    if (!claim) return;
    if (step.do === "beat") {
      // A worker's own count never falls; `startProgress` sees to it.
      const percent = Math.max(this.#counts.get(claim.token) ?? 0, step.percent);
      this.#counts.set(claim.token, percent);
      const heard = await renewLease(claim, percent);
      if (heard.type === "ok") this.#held.set(claim.step, heard.until);
    }
    if (step.do === "complete") await this.finish(claim);
    if (step.do === "fail") {
      const failure: Failure = { code: "conversion.failed", message: "It failed." };
      const ending = await failStep(claim, failure, step);
      if (ending === "ended" || ending === "cancelled") this.#held.delete(claim.step);
    }
  }

  async finish(claim: Claim): Promise<void> {
    const ending = await completeStep(claim, { result: { segments: 2 }, outputs: [output] });
    if (ending === "ended" || ending === "cancelled") this.#held.delete(claim.step);
  }

  async sweep(): Promise<void> {
    const counts = await sweepDue({ until: Date.now() + 60_000 });
    expect(counts.errors).toEqual([]);
  }

  ordersPut(): string[] {
    const keys = parts.putKeys.filter((key) => key.includes(`/jobs/${this.key.jobId}/`));
    return keys.map((key) => key.split("/").at(-2) ?? "");
  }

  async check(): Promise<void> {
    const [job, shown, history] = [await jobOf(this.key), await getJob(this.key), await historyOf(this.key)];
    const ends = history.filter((type) => /^job\.(completed|failed|cancelled)$/.test(type));
    const hasEnded = finalStatuses.includes(job.status);
    expect(ends).toEqual(hasEnded ? [`job.${job.status}`] : []);
    expect(shown.percent).toBeGreaterThanOrEqual(this.#percent);
    expect(shown.percent === 100).toBe(job.status === "completed");
    this.#percent = shown.percent;
    if (finalStatuses.some((status) => status === this.#last.status)) {
      expect({ status: job.status, version: job.version }).toEqual(this.#last);
    }
    this.#last = { status: job.status, version: job.version };
    if (hasEnded) expect(job.leases).toEqual({});
    const started = history.filter((type) => type === "step.started").length;
    const stopped = history.filter((type) =>
      /^step\.(completed|failed|retrying|cancelled)$/.test(type),
    ).length;
    expect(stopped).toBeLessThanOrEqual(started);
  }
}

/** Workers are healthy again; nothing happens but by time, the sweep and the orders it puts. */
async function drained(world: World): Promise<string> {
  // Every order put so far is lost.
  let delivered = world.ordersPut().length;
  for (let round = 0; round < 40; round++) {
    const { status } = await getJob(world.key);
    if (finalStatuses.includes(status)) return status;
    vi.setSystemTime(Date.now() + 60_000);
    await world.sweep();
    for (; delivered < world.ordersPut().length; delivered++) {
      const claim = await world.run(world.ordersPut()[delivered] ?? "");
      if (claim) await world.finish(claim);
    }
    await world.check();
  }
  return "stuck";
}

for (const kind of ["conversion", "artificial"]) {
  const seed = Math.floor(Math.random() * 2 ** 31);
  test(`[V2.3] a ${kind} job ends once, whatever is late, doubled, lost, killed or cancelled (seed ${seed})`, async () => {
    const property = fc.asyncProperty(fc.array(action, { minLength: 5, maxLength: 30 }), async (actions) => {
      vi.setSystemTime(Date.now());
      const world = new World(await givenJob("waiting", { kind }));
      await queueJob(world.key);
      for (const step of actions) await world.act(step);
      expect(["completed", "failed", "cancelled"]).toContain(await drained(world));
    });
    await fc.assert(property, { seed, numRuns: 15, endOnFailure: false });
  }, 60_000);
}
