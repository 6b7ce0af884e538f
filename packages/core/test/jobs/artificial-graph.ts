import type { Graph, StepPlan } from "@t2m/core/jobs/graph";

/** probe → an optional poster and as many segments as the probe found → join. */
export const artificialGraph: Graph = (_job, ended) => {
  const probe: StepPlan = { step: "probe", share: 10 };
  const found = ended.get("probe");
  if (found?.status !== "completed") return [probe];
  const count = segmentsIn(found.result);
  const poster: StepPlan = { step: "poster", share: 10, optional: true };
  const segments = Array.from(
    { length: count },
    (_, index): StepPlan => ({ step: `segment:${index}`, share: 60 / count, input: { index } }),
  );
  const before = [probe, poster, ...segments];
  return before.every(({ step }) => ended.has(step)) ? [...before, { step: "join", share: 20 }] : before;
};

function segmentsIn(result: unknown): number {
  if (typeof result === "object" && result && "segments" in result) return Number(result.segments);
  return 1;
}
