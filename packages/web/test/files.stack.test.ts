import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { presets } from "@t2m/contract/presets";
import { until } from "@t2m/local/processes/wait";
import { afterAll, beforeAll, expect, test } from "vitest";
import { text } from "../src/text.ts";
import { action, rowOf, says } from "./support/app.ts";
import { drop, hover } from "./support/drop.ts";
import { makeFilm, makeSound, openFolder } from "./support/media.ts";
import { recordedProgress, recordProgress } from "./support/progress.ts";
import { enter } from "./support/visitor.ts";

let folder: Awaited<ReturnType<typeof openFolder>>;
beforeAll(async () => {
  folder = await openFolder();
});
afterAll(() => folder.remove());

test("[C10.5] [C2.4] a file that is no media is refused at once, one that only claims to be fails with its reason and what to do", async () => {
  const { page, client, tolerate } = await enter();
  tolerate(/status of 415/);
  const letter = join(folder.path, "letter.txt");
  await writeFile(letter, "Dear Ada");
  await drop(page, [letter]);
  await rowOf(page, "letter.txt").getByRole("alert").waitFor();
  expect((await client.listUploads()).items).toEqual([]);

  const liar = join(folder.path, "liar.mp3");
  await writeFile(liar, "This is no sound. ".repeat(200));
  await drop(page, [liar]);
  const [job] = await until("the job ends", 20_000, async () => {
    const { items } = await client.listJobs();
    return items[0]?.status === "failed" && items;
  });
  await says(page, "liar.mp3", job?.failure?.message ?? "no message");
  await rowOf(page, "liar.mp3").getByRole("link", { name: text.row.details }).click();
  await page.getByText(text.advice["media.unrecognized"] ?? "no advice").waitFor();
  // To do the same again would end the same.
  await expect(page.getByRole("button", { name: text.job.retry }).count()).resolves.toBe(0);
  await page.getByRole("link", { name: text.job.otherFile }).click();
  await page.getByRole("button", { name: text.convert.choose }).waitFor();
});

test("[C10.5] a folder of fifty files dropped at once is uploaded and converted, file by file, and cleared", async () => {
  const { page, client } = await enter();
  const fifty = join(folder.path, "Fifty");
  await mkdir(fifty);
  const names = Array.from({ length: 50 }, (_, index) => `Take ${String(index + 1).padStart(2, "0")}.wav`);
  for (const name of names) await makeSound(join(fifty, name), { seconds: 0.2 });
  await hover(page, [fifty]);
  await page.getByText(text.convert.dropNow).waitFor();
  await drop(page, [fifty]);
  await page.getByText(text.batch.done(50)).first().waitFor({ timeout: 120_000 });
  await expect(page.locator("[data-status=completed]").count()).resolves.toBe(50);
  const { items } = await client.listJobs({ query: { limit: 100 } });
  expect(items.map(({ sourceName }) => sourceName).toSorted()).toEqual(names);
  expect(new Set(items.map(({ status }) => status))).toEqual(new Set(["completed"]));
  await page.getByRole("button", { name: text.batch.clear }).click();
  await rowOf(page, names[0] ?? "").waitFor({ state: "detached" });
});

test("[C10.2] [C10.5] [C2.2] what is under way can be given up: an upload leaves nothing behind; a conversion whose percentage moves stops there and reads as cancelled", async () => {
  const { page, client, network, newestUpload } = await enter();
  await network.slow(500_000);
  const sound = { seconds: 16, sampleRateHz: 96_000, channels: 2, bits: 24 } as const;
  await drop(page, [await makeSound(join(folder.path, "Doch nicht.wav"), sound)]);
  const upload = await newestUpload();
  await action(page, text.row.giveUp, "Doch nicht.wav").click();
  await rowOf(page, "Doch nicht.wav").waitFor({ state: "detached" });
  await until("the upload is gone", 10_000, async () => {
    const { items } = await client.listUploads();
    return items.every(({ id, status }) => id !== upload.id || status === "aborted");
  });

  await network.restore();
  await drop(page, [await makeFilm(join(folder.path, "Lang.mp4"), 10, 20)]);
  await says(page, "Lang.mp4", text.statuses.running);
  await recordProgress(page, text.row.conversion("Lang.mp4", presets.mp4.title));
  const seen = await until("the percentage moves", 30_000, async () => {
    const values = (await recordedProgress(page)).filter((percent) => percent > 0);
    return values.length > 1 && values;
  });
  expect(seen).toEqual(seen.toSorted((a, b) => a - b));
  expect(Math.max(...seen)).toBeLessThan(100);
  await action(page, text.row.cancel, "Lang.mp4").click();
  await says(page, "Lang.mp4", text.statuses.cancelled);
  const [job] = (await client.listJobs({ query: { limit: 1 } })).items;
  expect(job).toMatchObject({ sourceName: "Lang.mp4", status: "cancelled" });
});
