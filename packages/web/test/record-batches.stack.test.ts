import { copyFile } from "node:fs/promises";
import { join } from "node:path";
import type { Client } from "@t2m/client/client";
import { fileSource } from "@t2m/client/node/file";
import { upload } from "@t2m/client/upload/upload";
import { presets } from "@t2m/contract/presets";
import { until } from "@t2m/local/processes/wait";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { text } from "../src/text.ts";
import { recordText } from "../src/text-record.ts";
import { action, download, rowOf } from "./support/app.ts";
import { makeFilm, openFolder } from "./support/media.ts";
import { enter } from "./support/visitor.ts";

let folder: Awaited<ReturnType<typeof openFolder>>;
beforeAll(async () => {
  folder = await openFolder();
});
afterAll(() => folder.remove());

const count = 10;
// A format that takes its time: while some are made, others stand in line.
const format = presets.webm.title;
const batchName = recordText.maker.name(count, format);
const names = Array.from({ length: count }, (_, index) => `Take ${index + 1}.mp4`);

async function givenUploads(client: Client): Promise<void> {
  const film = await makeFilm(join(folder.path, "film.mp4"), 3);
  for (const name of names) {
    const path = join(folder.path, name);
    await copyFile(film, path);
    await upload(client, await fileSource(path), { conversions: [] }).finished;
  }
  await until("the record knows them", 20_000, async () => {
    return (await client.listFiles()).items.length === count;
  });
}

/** Makes a batch of all that was uploaded, as a person does with a keyboard; its id. */
async function convertAll(page: Page, priority: string): Promise<string> {
  await page.goto("/files");
  const maker = page.getByRole("region", { name: recordText.maker.label });
  await maker.getByRole("checkbox").press("Space");
  await maker.getByText(recordText.maker.chosen(count)).waitFor();
  const formats = maker.getByLabel(text.convert.to);
  await formats.focus();
  await formats.selectOption(format);
  await maker.getByLabel(recordText.batch.priority).selectOption(priority);
  await maker.getByRole("button", { name: recordText.maker.make(count) }).press("Enter");
  await page.waitForURL(/\/batches\/./);
  return new URL(page.url()).pathname.split("/").at(-1) ?? "";
}

test("[VD.3] [C10.5] uploaded files are converted together: one sees the whole batch move and each one's place in line, holds it, goes on with it, or cancels the rest", async () => {
  const { page, client } = await enter();
  await givenUploads(client);
  const batchId = await convertAll(page, recordText.priorities.high);
  await page.getByRole("heading", { name: batchName, level: 1 }).waitFor();
  await page.getByText(recordText.batch.withPriority(recordText.priorities.high)).waitFor();
  const rows = page.getByRole("list", { name: text.history.list });
  await rows
    .getByText(/Place \d+ in line/)
    .first()
    .waitFor();
  expect(await rows.getByRole("listitem").count()).toBe(count);

  await page.getByRole("button", { name: text.row.pause, exact: true }).click();
  await page.getByText(recordText.batch.pausedHint).waitFor();
  const held = await until("what ran has ended", 60_000, async () => {
    const batch = await client.getBatch({ params: { batchId } });
    const isAtRest = batch.jobs.running === 0 && batch.jobs.completed > 0;
    return isAtRest && batch.status === "paused" ? batch : undefined;
  });
  expect(held.jobs.queued).toBeGreaterThan(0);
  await page.getByText(`${held.jobs.completed} ${recordText.batch.counted.completed}`).waitFor();

  await page.getByRole("button", { name: text.row.resume, exact: true }).click();
  // Now it is known how long such a one takes.
  await rows
    .getByText(/Place \d+ in line · starts about/)
    .first()
    .waitFor();
  const bar = page.getByRole("progressbar", {
    name: recordText.batch.progress(batchName),
  });
  await bar.and(page.locator('[aria-valuenow="100"]')).waitFor();
  await page.locator('[data-batch-status="finished"]').waitFor();
  await rowOf(page, "Take 10.mp4").and(page.locator('[data-status="completed"]')).waitFor();
  const saved = await download(page, action(page, text.row.download, "Take 10.webm"));
  expect(saved.name).toBe("Take 10.webm");
  await expect(page.getByRole("button", { name: recordText.batch.cancel }).count()).resolves.toBe(0);

  const second = await convertAll(page, recordText.priorities.low);
  expect(second).not.toBe(batchId);
  await page.getByRole("button", { name: recordText.batch.cancel }).click();
  const question = page.getByRole("alertdialog", { name: recordText.batch.cancelHeading });
  await question.getByRole("button", { name: recordText.batch.cancel }).click();
  await page.locator('[data-batch-status="cancelled"]').waitFor();
  await rows.locator('[data-status="cancelled"]').first().waitFor();

  await page.getByRole("link", { name: recordText.tabs.batches, exact: true }).first().click();
  const batches = page.getByRole("list", { name: recordText.batches.heading }).getByRole("listitem");
  await until("both are listed", 20_000, async () => (await batches.count()) === 2);
  await page.goto("/history");
  const link = rowOf(page, "Take 1.mp4").getByRole("link", { name: recordText.history.ofBatch });
  await link.first().click();
  await page.waitForURL(/\/batches\/./);
});
