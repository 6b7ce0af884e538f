import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Client } from "@t2m/client/client";
import { fileSource } from "@t2m/client/node/file";
import { upload } from "@t2m/client/upload/upload";
import { finalStatuses } from "@t2m/contract/jobs";
import type { ConversionRequestInput } from "@t2m/contract/presets";
import { until } from "@t2m/local/processes/wait";
import { makeFilm, makeSound } from "./media.ts";

/** Ids of a person's jobs, one in each state that stays. */
export type Seeded = { sound: string; film: string; failed: string; cancelled: string; waiting: string };

/** Gives a person a past: conversions that went well, one that failed, one cancelled, one whose file is not here. */
export async function seed(client: Client, folder: string): Promise<Seeded> {
  const broken = join(folder, "Broken recording.wav");
  await writeFile(broken, "This is no sound.".repeat(100));
  const [sound, film, failed, cancelled, waiting] = await Promise.all([
    makeSound(join(folder, "Träume – ein Lied mit einem sehr langen Namen (live).wav"), {
      seconds: 12,
      sampleRateHz: 44_100,
    }).then((path) => converted(client, path, { preset: "mp3" })),
    makeFilm(join(folder, "Holiday.mp4"), 3).then((path) => converted(client, path, { preset: "webm" })),
    converted(client, broken, { preset: "mp3" }),
    begun(client, "Interview.wav").then(async (jobId) => {
      await client.cancelJob({ params: { jobId } });
      return jobId;
    }),
    begun(client, "Lecture.wav"),
  ]);
  return { sound, film, failed, cancelled, waiting };
}

/** Uploads and converts; the job's id once it has ended, however it did. */
export async function converted(
  client: Client,
  path: string,
  conversion: ConversionRequestInput,
): Promise<string> {
  const { jobIds } = await upload(client, await fileSource(path), { conversions: [conversion] }).finished;
  const [jobId = ""] = jobIds;
  await until(`${path} is converted`, 40_000, async () => {
    const { status } = await client.getJob({ params: { jobId } });
    return finalStatuses.includes(status);
  });
  return jobId;
}

/** An upload of which nothing has come yet. */
async function begun(client: Client, name: string): Promise<string> {
  const { jobs } = await client.createUpload({
    body: { name, type: "audio/wav", sizeBytes: 50_000_000, conversions: [{ preset: "mp3" }] },
  });
  return jobs[0]?.id ?? "";
}
