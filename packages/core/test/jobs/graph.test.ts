import { advance, graphs, maximumStepsAtOnce } from "@t2m/core/jobs/graph";
import { afterEach, beforeEach, expect, test } from "vitest";
import { artificialGraph } from "./artificial-graph.ts";
import { mp3 } from "./support.ts";

beforeEach(() => void graphs.set("artificial", artificialGraph));
afterEach(() => void graphs.delete("artificial"));

const job = { kind: "artificial", conversion: mp3, status: "running", cancelRequested: false } as const;

function step(name: string, status: "queued" | "running" | "completed" | "failed", extra: object = {}) {
  return { step: name, status, optional: false, ...extra };
}

const probed = step("probe", "completed", { result: { segments: 3 } });
const names = (steps: readonly { step: string }[]) => steps.map((one) => one.step);

test("[C2.1] a conversion is one step: it is queued, and the job is completed when that is done", () => {
  const conversion = { ...job, kind: "conversion", status: "waiting" } as const;
  expect(advance(conversion, [])).toEqual({
    status: "queued",
    stepsToAdd: [{ step: "convert", share: 100 }],
  });
  expect(advance(job, [step("probe", "running")])).toEqual({ status: "running", stepsToAdd: [] });
  const outputs = [{ name: "output.mp3" }];
  expect(advance({ ...conversion, status: "running" }, [step("convert", "completed", { outputs })])).toEqual({
    status: "completed",
    stepsToAdd: [],
    outputs,
  });
});

test("a step's result decides how far the next ones fan out; known steps are not added again", () => {
  const fanned = advance(job, [probed]);
  expect(names(fanned.stepsToAdd)).toEqual(["poster", "segment:0", "segment:1", "segment:2"]);
  expect(
    advance(job, [probed, step("poster", "queued"), step("segment:1", "running")]).stepsToAdd,
  ).toHaveLength(2);
});

test("a joining step waits for every one before it, and goes without an optional one that failed", () => {
  const segments = [0, 1, 2].map((index) => step(`segment:${index}`, "completed"));
  const poster = step("poster", "failed", { optional: true });
  expect(
    advance(job, [probed, poster, ...segments.slice(1), step("segment:0", "running")]).stepsToAdd,
  ).toEqual([]);
  const joining = advance(job, [probed, poster, ...segments]);
  expect(names(joining.stepsToAdd)).toEqual(["join"]);
  expect(joining.status).toBe("running");
});

test("[C2.4] a step that failed for good fails the job with its reason, whatever else still runs", () => {
  const failure = { code: "media.truncated", message: "It breaks off." };
  const broken = step("segment:0", "failed", { failure });
  expect(advance(job, [probed, broken, step("segment:1", "running")])).toEqual({
    status: "failed",
    stepsToAdd: [],
    failure,
  });
});

test("a job to be cancelled gets no further steps and ends once nothing runs", () => {
  const leaving = { ...job, cancelRequested: true };
  expect(advance(leaving, [probed, step("segment:0", "running")]).status).toBe("running");
  expect(advance(leaving, [probed, step("segment:0", "queued")])).toEqual({
    status: "cancelled",
    stepsToAdd: [],
  });
});

test("a graph that wants more steps than one transaction holds is refused, not cut short", () => {
  const many = step("probe", "completed", { result: { segments: maximumStepsAtOnce + 1 } });
  expect(() => advance(job, [many])).toThrow(RangeError);
});
