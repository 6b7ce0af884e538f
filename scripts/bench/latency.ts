import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
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
    const path = await makeWav(directory, 1);
    await convertOnce(stack, path); // the converter's sandbox is warm
    const startedMs: number[] = [];
    const doneMs: number[] = [];
    for (let round = 0; round < rounds; round++) {
      const { started, done } = await convertOnce(stack, path);
      startedMs.push(started);
      doneMs.push(done);
    }
    const ready: number[] = [];
    for (let start = 0; start < starts; start++) {
      const began = performance.now();
      const another = await startBenchStack();
      ready.push(performance.now() - began);
      another.stop();
    }
    return {
      title: "Waiting",
      about: `Medians of ${rounds} conversions of one second of sound, and of ${starts} starts with everything installed.`,
      findings: [
        {
          what: "upload completed → the conversion holds its lease",
          value: quantile(startedMs, 0.5),
          unit: "ms",
        },
        { what: "upload completed → MP3 in the bucket", value: quantile(doneMs, 0.5), unit: "ms" },
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

/** Milliseconds from the upload's completion to the first step's start and to the job's end, by their own times. */
async function convertOnce({ client }: BenchStack, path: string): Promise<{ started: number; done: number }> {
  const uploaded = await upload(client, await fileSource(path), { conversions: [{ preset: "mp3" }] })
    .finished;
  const completedAt = Date.parse(uploaded.completedAt ?? "");
  const times = { started: Number.NaN, done: Number.NaN };
  for await (const update of client.streamJob({ params: { jobId: uploaded.jobIds[0] ?? "" } })) {
    if (update.type !== "event") continue;
    if (update.event.type === "step.started") times.started = Date.parse(update.event.at) - completedAt;
    if (update.event.type === "job.completed") times.done = Date.parse(update.event.at) - completedAt;
  }
  return times;
}
