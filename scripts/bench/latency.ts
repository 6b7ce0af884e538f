import { globSync, statSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { fileSource } from "@t2m/client/node/file";
import { upload } from "@t2m/client/upload/upload";
import { makeWav } from "./media.ts";
import { quantile } from "./quiet.ts";
import type { Section } from "./report.ts";
import { type BenchStack, startBenchStack } from "./stack.ts";

const rounds = 10;
const starts = 3;

/** How long one waits: for the whole stack, and from a completed upload to its conversion. */
export async function measure(): Promise<Section> {
  const directory = await mkdtemp(join(tmpdir(), "t2m-latency-"));
  const stack = await startBenchStack();
  try {
    const path = await makeWav(directory, 10);
    await convertOnce(stack, path); // the converter's sandbox is warm
    const waits: Waits[] = [];
    for (let round = 0; round < rounds; round++) waits.push(await convertOnce(stack, path));
    const median = (of: keyof Waits) =>
      quantile(
        waits.map((wait) => wait[of]),
        0.5,
      );
    const ready: number[] = [];
    for (let start = 0; start < starts; start++) {
      const began = performance.now();
      const another = await startBenchStack();
      ready.push(performance.now() - began);
      another.stop();
    }
    return {
      title: "Waiting",
      about: `Medians of ${rounds} conversions of ten seconds of sound, and of ${starts} starts with everything installed.`,
      findings: [
        { what: "upload completed → the conversion holds its lease", value: median("started"), unit: "ms" },
        { what: "upload completed → ffmpeg's first bytes", value: median("firstBytes"), unit: "ms" },
        { what: "upload completed → MP3 in the bucket", value: median("done"), unit: "ms" },
        {
          what: "command → whole stack ready",
          value: quantile(ready, 0.5) / 1000,
          unit: "s",
          goal: { atMost: 6 },
        },
      ],
    };
  } finally {
    stack.stop();
    await rm(directory, { recursive: true });
  }
}

/** Milliseconds after the upload's completion, by the clock that all processes share. */
type Waits = { started: number; firstBytes: number; done: number };

async function convertOnce({ client, directory }: BenchStack, path: string): Promise<Waits> {
  const watching = new AbortController();
  const firstBytes = firstOutput(directory, watching.signal);
  const uploaded = await upload(client, await fileSource(path), { conversions: [{ preset: "mp3" }] })
    .finished;
  const completedAt = Date.parse(uploaded.completedAt ?? "");
  const waits = { started: Number.NaN, firstBytes: Number.NaN, done: Number.NaN };
  for await (const update of client.streamJob({ params: { jobId: uploaded.jobIds[0] ?? "" } })) {
    if (update.type !== "event") continue;
    if (update.event.type === "step.started") waits.started = Date.parse(update.event.at) - completedAt;
    if (update.event.type === "job.completed") waits.done = Date.parse(update.event.at) - completedAt;
  }
  watching.abort();
  return { ...waits, firstBytes: (await firstBytes) - completedAt };
}

/** When ffmpeg's output first holds something, on the disk of whichever sandbox converts. */
async function firstOutput(directory: string, signal: AbortSignal): Promise<number> {
  while (!signal.aborted) {
    const outputs = globSync(join(directory, "lambda/**/t2m-convert/*/output.mp3"));
    if (outputs.some((path) => (statSync(path, { throwIfNoEntry: false })?.size ?? 0) > 0)) return Date.now();
    await setTimeout(2);
  }
  return Number.NaN;
}
