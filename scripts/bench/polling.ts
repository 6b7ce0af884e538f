import { Agent, get } from "node:http";
import { setTimeout as delay } from "node:timers/promises";
import { quantile } from "./quiet.ts";
import type { Section } from "./report.ts";
import { type BenchStack, startBenchStack } from "./stack.ts";

const pollers = 200;
const writers = 20;
const seconds = 20;

/** People who look at their jobs once a second, come what may (open loop), while others' progress is written. */
export async function measure(): Promise<Section> {
  const stack = await startBenchStack();
  try {
    Object.assign(process.env, stack.environment);
    const { getItem, updateItem } = await import("@t2m/core/live/table");
    const { jobItemKey } = await import("@t2m/core/live/keys");
    const { userIdOf } = await import("@t2m/core/identity/user-id");
    const userId = userIdOf(stack.issuerUrl, subjectOf(stack.token));
    const jobIds = await makeJobs(stack);
    const keyOf = (place: number) => jobItemKey(userId, jobIds[place % jobIds.length] ?? "");
    const write = async (place: number) => {
      const update = { expression: "SET doneShare = :zero", values: { ":zero": 0 } };
      await updateItem(keyOf(place), update, undefined, { repeatable: true });
    };
    const agent = new Agent({ keepAlive: true, maxSockets: pollers });
    const poll = (place: number) => request(stack, agent, jobIds[place % jobIds.length] ?? "");
    await openLoop(pollers, 3, poll); // sandboxes are warm

    const writing = openLoop(writers, seconds, write);
    const polls = await openLoop(pollers, seconds, poll);
    await writing;
    const writingAgain = openLoop(writers, seconds, write);
    const reads = await openLoop(pollers, seconds, async (place) => void (await getItem(keyOf(place))));
    await writingAgain;
    agent.destroy();

    const p50 = quantile(polls.times, 0.5);
    const p99 = quantile(polls.times, 0.99);
    return {
      title: "Polling a job",
      about: `${pollers} pollers at one a second and ${writers} writers for ${seconds} s through gateway and sandbox, timed from the moment each poll was due. A poll is one GetItem (a test counts them).`,
      findings: [
        { what: "p99 ÷ p50", value: p99 / p50, unit: "×", goal: { atMost: 4 } },
        { what: "p50", value: p50, unit: "ms", note: `p99 ${p99.toFixed(1)} ms` },
        { what: "p50 ÷ raw GetItem's p50", value: p50 / quantile(reads.times, 0.5), unit: "×" },
        { what: "errors", value: polls.errors + reads.errors, unit: "", goal: { atMost: 0 } },
      ],
    };
  } finally {
    stack.stop();
  }
}

async function makeJobs({ client }: BenchStack): Promise<string[]> {
  const made = await Promise.all(
    Array.from({ length: writers }, async () => {
      const { jobs } = await client.createUpload({
        body: { name: "poll.wav", type: "audio/wav", sizeBytes: 1000, conversions: [{ preset: "mp3" }] },
      });
      return jobs.map(({ id }) => id);
    }),
  );
  return made.flat();
}

/** `count` callers, each once a second whether or not the last call is back. Times in ms from when it was due. */
async function openLoop(count: number, forSeconds: number, call: (place: number) => Promise<void>) {
  const started = performance.now();
  const times: number[] = [];
  let errors = 0;
  const calls = Array.from({ length: count * forSeconds }, async (_, index) => {
    const due = started + (index * 1000) / count;
    await delay(due - performance.now());
    try {
      await call(index % count);
      times.push(performance.now() - due);
    } catch {
      errors++;
    }
  });
  await Promise.all(calls);
  return { times, errors };
}

function request({ apiUrl, token }: BenchStack, agent: Agent, jobId: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${token}` };
    get(`${apiUrl}/jobs/${jobId}`, { agent, headers }, (response) => {
      response.resume();
      response.once("end", () => (response.statusCode === 200 ? resolve() : reject(new Error("not 200"))));
    }).once("error", reject);
  });
}

function subjectOf(token: string): string {
  const claims: { sub: string } = JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString());
  return claims.sub;
}
