import { readdirSync, readFileSync } from "node:fs";
import { findJob } from "@t2m/core/jobs/get";
import { jobItemKey } from "@t2m/core/live/keys";
import { updateItem } from "@t2m/core/live/table";
import { sharedStack } from "@t2m/local/testing";
import { beforeAll, expect, test } from "vitest";
import { noise, Person } from "./support/person.ts";

const stack = sharedStack();
beforeAll(() => void Object.assign(process.env, stack.environment));

/** Every process below one, by /proc. */
function below(pid: number): number[] {
  const parents = readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map((name) => [Number(name), parentOf(name)] as const);
  const children = parents.filter(([, parent]) => parent === pid).map(([child]) => child);
  return children.flatMap((child) => [child, ...below(child)]);
}

function parentOf(pid: string): number {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    const [state, parent] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return state === "Z" ? -1 : Number(parent);
  } catch {
    return -1;
  }
}

/** Others convert at the same time, but nobody at this bitrate. */
function isOurFfmpeg(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").includes("320k");
  } catch {
    return false;
  }
}

const isAlive = (pid: number) => parentOf(String(pid)) !== -1;

test("[A11.3] a converter that is killed in the middle leaves no ffmpeg, and the sweep has its job finished by another, once", async () => {
  const person = await Person.arrive(stack);
  const { jobIds } = await person.upload(noise(1200), [{ preset: "mp3", options: { bitrateKbps: 320 } }]);
  const [jobId = ""] = jobIds;
  await expect.poll(async () => (await person.job(jobId)).percent, { timeout: 30_000 }).toBeGreaterThan(0);
  const running = (await stack.sandboxes("convert")).flatMap(({ pid }) => pid ?? []);
  const busy = running.filter((pid) => below(pid).some(isOurFfmpeg));
  expect(busy).toHaveLength(1);
  const killed = busy.flatMap((pid) => [pid, ...below(pid)]);
  for (const pid of busy) process.kill(pid, "SIGKILL");
  await expect.poll(() => killed.filter(isAlive), { timeout: 10_000 }).toEqual([]);

  // The lease would run out by itself in twenty seconds.
  const userId = person.userId(stack.issuerUrl);
  await expect
    .poll(async () => {
      await updateItem(jobItemKey(userId, jobId), {
        expression: "SET leases.convert.#until = :past, dueAt = :past",
        names: { "#until": "until" },
        values: { ":past": 1 },
      }).catch(() => undefined);
      await stack.runSchedule("sweep-due");
      return (await findJob({ userId, jobId }))?.version;
    })
    .toBeGreaterThanOrEqual(4);
  await expect.poll(async () => (await person.job(jobId)).status, { timeout: 30_000 }).toBe("completed");
  const facts = await person.facts(jobId);
  expect(facts.filter((type) => type === "job.completed")).toHaveLength(1);
  expect(facts.filter((type) => type === "step.started").length).toBeGreaterThan(1);
  expect((await person.job(jobId)).outputs).toHaveLength(1);
}, 60_000);
