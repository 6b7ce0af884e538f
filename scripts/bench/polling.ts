import { Agent, get } from "node:http";
import { type Call, openLoop, type Round } from "./open-loop.ts";
import { quantile, watched } from "./quiet.ts";
import type { Section } from "./report.ts";
import { type BenchStack, startBenchStack } from "./stack.ts";

const pollers = 200;
const writers = 20;
const seconds = 8;
const rounds = 7;

/** People who look at their jobs once a second, come what may (open loop), while others' progress is written. */
export async function measure(): Promise<Section> {
  const stack = await startBenchStack();
  try {
    Object.assign(process.env, stack.environment);
    const { getItem, updateItem } = await import("@t2m/core/live/table");
    const { jobItemKey } = await import("@t2m/core/live/keys");
    const jobIds = await makeJobs(stack);
    const keyOf = (place: number) => jobItemKey(stack.userId, jobIds[place % jobIds.length] ?? "");
    const write = async (place: number) => {
      const update = { expression: "SET doneShare = :zero", values: { ":zero": 0 } };
      await updateItem(keyOf(place), update, undefined, { repeatable: true });
    };
    const agent = new Agent({ keepAlive: true, maxSockets: pollers });
    const poll = (place: number) => request(stack, agent, jobIds[place % jobIds.length] ?? "");
    await openLoop(pollers, 10, poll); // sandboxes, JVM and JIT are warm
    const polls = await repeat(() => besideWriters(write, poll));
    const reads = await repeat(() =>
      besideWriters(write, async (place) => void (await getItem(keyOf(place)))),
    );
    agent.destroy();
    const p50 = quantile(
      polls.kept.map((round) => quantile(round.times, 0.5)),
      0.5,
    );
    const p99 = quantile(
      polls.kept.map((round) => quantile(round.times, 0.99)),
      0.5,
    );
    const ratios = polls.kept.map(({ times }) => quantile(times, 0.99) / quantile(times, 0.5));
    const raw = quantile(
      reads.kept.map((round) => quantile(round.times, 0.5)),
      0.5,
    );
    const rawRatios = reads.kept.map(({ times }) => quantile(times, 0.99) / quantile(times, 0.5));
    return {
      title: "Polling a job",
      about: `${pollers} pollers at one a second and ${writers} writers through gateway and sandbox, timed from the moment each poll was due; medians of ${rounds} rounds of ${seconds} s. A poll is one GetItem (a test counts them).`,
      findings: [
        {
          what: "p99 ÷ p50",
          value: quantile(ratios, 0.5),
          unit: "×",
          goal: { atMost: 4 },
          note: `${polls.quiet} quiet rounds; raw GetItem ${quantile(rawRatios, 0.5).toFixed(1)} ×`,
        },
        {
          what: "p50",
          value: p50,
          unit: "ms",
          note: `p99 ${p99.toFixed(1)} ms, raw GetItem ${raw.toFixed(2)} ms`,
        },
        { what: "p50 ÷ raw GetItem's p50", value: p50 / raw, unit: "×" },
        { what: "errors", value: polls.errors + reads.errors, unit: "", goal: { atMost: 0 } },
      ],
    };
  } finally {
    stack.stop();
  }
}

/** The rounds in which the machine was quiet, or all where it never was. */
async function repeat(run: () => Promise<Round>) {
  const results: { round: Round; quiet: boolean }[] = [];
  for (let count = 0; count < rounds; count++) {
    let round: Round = { times: [], errors: 0 };
    const { quiet } = await watched(async () => {
      round = await run();
    });
    results.push({ round, quiet });
  }
  const quiet = results.filter((result) => result.quiet);
  const errors = results.reduce((sum, { round }) => sum + round.errors, 0);
  return {
    kept: (quiet.length > 0 ? quiet : results).map(({ round }) => round),
    quiet: quiet.length,
    errors,
  };
}

async function besideWriters(write: Call, read: Call): Promise<Round> {
  const writing = openLoop(writers, seconds, write);
  const round = await openLoop(pollers, seconds, read);
  await writing;
  return round;
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

function request({ apiUrl, token }: BenchStack, agent: Agent, jobId: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${token}` };
    get(`${apiUrl}/jobs/${jobId}`, { agent, headers }, (response) => {
      response.resume();
      response.once("end", () => (response.statusCode === 200 ? resolve() : reject(new Error("not 200"))));
    }).once("error", reject);
  });
}
