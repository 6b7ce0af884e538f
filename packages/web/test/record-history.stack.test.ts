import { join } from "node:path";
import { until } from "@t2m/local/processes/wait";
import type { Locator, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { text } from "../src/text.ts";
import { recordText } from "../src/text-record.ts";
import { action, download, rowOf, says, signIn } from "./support/app.ts";
import { makeSound, openFolder } from "./support/media.ts";
import { type OtherStage, openOtherStage } from "./support/other-stage.ts";
import { givenPast } from "./support/past.ts";
import { openRecord } from "./support/record.ts";
import { converted } from "./support/seed.ts";
import { arrive, enter, stack } from "./support/visitor.ts";

const record = openRecord();
let folder: Awaited<ReturnType<typeof openFolder>>;
let other: OtherStage;
beforeAll(async () => {
  folder = await openFolder();
  other = await openOtherStage(stack, "/api");
});
afterAll(() => Promise.all([folder.remove(), other.close()]));

const names = (page: Page) =>
  page
    .getByRole("list", { name: text.history.list })
    .getByRole("listitem")
    .evaluateAll((rows) => rows.map((row) => row.getAttribute("aria-label") ?? ""));

/** How far down the window it stands, once rows that have come into sight have been drawn. */
const restingPlace = (row: Locator) =>
  row.evaluate(async (element) => {
    for (let last = Number.NaN, now = 0; now !== last; ) {
      last = now;
      await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
      now = element.getBoundingClientRect().top;
    }
    return element.getBoundingClientRect().top;
  });

/** Eighty tapes, a day apart, of three years ago: more than a page. */
const tapes = Array.from({ length: 80 }, (_, index) => ({
  name: `Tape ${index + 1}.wav`,
  at: new Date(Date.UTC(2023, 5, 1) - index * 86_400_000),
  ...(index === 60 && { status: "failed" as const }),
  ...(index === 70 && { preset: "mp4" }),
}));

test("[V4.3] [C10.5] the history holds what has long deleted itself, page by page without a jump; the record narrows it by name, state and kind", async () => {
  const { page, client } = await enter();
  await givenPast(record.sql, client, tapes);
  await page.getByRole("link", { name: text.nav.history, exact: true }).click();
  await says(page, "Tape 1.wav", recordText.history.expired);
  expect(await names(page)).toEqual(tapes.slice(0, 50).map(({ name }) => name));
  await page.getByRole("heading", { name: "Thursday, June 1, 2023" }).waitFor();
  const actions = rowOf(page, "Tape 1.wav").getByRole("button");
  expect(await actions.allInnerTexts()).toEqual([expect.stringContaining(text.delete)]);

  const more = page.getByRole("button", { name: text.history.more });
  await more.scrollIntoViewIfNeeded();
  const last = rowOf(page, "Tape 50.wav");
  const before = await restingPlace(last);
  await more.click();
  await rowOf(page, "Tape 80.wav").waitFor();
  expect(await restingPlace(last), "what was there stays where it was").toBe(before);
  expect(await names(page)).toEqual(tapes.map(({ name }) => name));
  await page.getByText(recordText.end).waitFor();

  await page.getByLabel(text.history.search).fill("tape 7");
  await until("the record has searched", 20_000, async () => (await names(page)).length === 11);
  await page.getByLabel(text.history.search).fill("");
  await page.getByLabel(text.history.state).selectOption(text.statuses.failed);
  await until("failed ones alone", 20_000, async () => (await names(page)).join() === "Tape 61.wav");
  await page.getByLabel(text.history.state).selectOption(text.history.allStates);
  await page.getByLabel(text.history.kind).selectOption(text.kinds.video);
  await until("films alone", 20_000, async () => (await names(page)).join() === "Tape 71.wav");
  // The address keeps what was asked for.
  await page.reload();
  await says(page, "Tape 71.wav", recordText.history.expired);
  expect(await names(page)).toEqual(["Tape 71.wav"]);
  await page.getByLabel(text.history.state).selectOption(text.history.moving);
  await page.getByText(text.history.noMatch).waitFor();
});

test("[V4.3] [C10.5] what has long deleted itself is taken out of the history, too, and stays out", async () => {
  const { page, client } = await enter();
  await givenPast(record.sql, client, tapes.slice(0, 3));
  await page.getByRole("link", { name: text.nav.history, exact: true }).click();
  await action(page, text.delete, "Tape 2.wav").click();
  await page.getByText(recordText.history.removeBody("Tape 2.wav")).waitFor();
  await page.getByRole("alertdialog").getByRole("button", { name: text.delete }).click();
  await rowOf(page, "Tape 2.wav").waitFor({ state: "detached" });
  await page.reload();
  await rowOf(page, "Tape 3.wav").waitFor();
  expect(await names(page)).toEqual(["Tape 1.wav", "Tape 3.wav"]);
});

test("[V4.3] [C10.2] in the history a conversion moves to its end, is downloaded, made again and deleted, before and after the record has heard of it", async () => {
  const { page, client, tolerate } = await enter();
  tolerate(/status of 404/);
  await givenPast(record.sql, client, tapes.slice(0, 1));
  const path = await makeSound(join(folder.path, "Neu.wav"), { seconds: 1 });
  await page.goto("/history");
  await says(page, "Tape 1.wav", recordText.history.expired);
  // The page is open and learns of it by itself.
  const jobId = await converted(client, path, { preset: "mp3" });
  await page.locator(`[data-job="${jobId}"][data-status="completed"]`).waitFor();
  expect(await names(page)).toEqual(["Neu.wav", "Tape 1.wav"]);
  expect((await download(page, action(page, text.row.download, "Neu.mp3"))).name).toBe("Neu.mp3");

  await action(page, text.row.again, "Neu.wav").click();
  await until("both are done", 60_000, async () => {
    const done = await page.locator(`[data-status="completed"][aria-label="Neu.wav"]`).count();
    return done === 2;
  });
  await page.locator(`[data-job="${jobId}"]`).getByRole("button", { name: text.delete }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: text.delete, exact: true }).click();
  await page.locator(`[data-job="${jobId}"]`).waitFor({ state: "detached" });
  await until("the record knows, too", 20_000, async () => {
    const { items } = await client.listHistory();
    return items.every(({ id }) => id !== jobId);
  });
  await page.reload();
  await says(page, "Tape 1.wav", recordText.history.expired);
  expect(await names(page)).toEqual(["Neu.wav", "Tape 1.wav"]);
});

test("[V4.5] [C10.5] without the record the history shows what is recent, says so in a line, and is whole again by itself", async () => {
  const { page, client, name, tolerate } = await arrive({ baseURL: other.url, ignoreHTTPSErrors: true });
  tolerate(/status of 503/);
  await givenPast(record.sql, client, tapes.slice(0, 1));
  const path = await makeSound(join(folder.path, "Jüngst.wav"), { seconds: 1 });
  await converted(client, path, { preset: "mp3" });
  await signIn(page, name);
  other.record(false);
  await page.getByRole("link", { name: text.nav.history, exact: true }).click();
  await page.getByText(recordText.history.away).waitFor();
  expect(await names(page)).toEqual(["Jüngst.wav"]);
  // The record is asked again meanwhile; what is shown does not go and come with it.
  await page.evaluate(() => {
    const watch = new MutationObserver(() => {
      if (!document.querySelector("[data-job]")) document.body.dataset.flickered = "";
    });
    watch.observe(document.body, { childList: true, subtree: true });
  });
  const asked = () => other.asked.filter((path) => path.startsWith("/history")).length;
  const before = asked();
  await until("the record is asked again", 40_000, () => Promise.resolve(asked() > before + 1));
  expect(await page.locator("[data-flickered]").count()).toBe(0);
  await page.evaluate(() => delete document.body.dataset.flickered);
  await page.getByLabel(text.history.search).fill("nothing is called this");
  await page.getByText(text.history.noMatch).waitFor();
  await page.getByLabel(text.history.search).fill("jüng");
  await action(page, text.row.download, "Jüngst.mp3").waitFor();
  await page.getByLabel(text.history.search).fill("");
  other.record(true);
  await says(page, "Tape 1.wav", recordText.history.expired);
  await page.getByText(recordText.history.away).waitFor({ state: "detached" });
});
