import { join } from "node:path";
import { createClient } from "@t2m/client/client";
import { until } from "@t2m/local/processes/wait";
import { afterAll, beforeAll, expect, test } from "vitest";
import { text } from "../src/text.ts";
import { recordText } from "../src/text-record.ts";
import { accountLink, download, signIn } from "./support/app.ts";
import { makeSound, openFolder } from "./support/media.ts";
import { type OtherStage, openOtherStage } from "./support/other-stage.ts";
import { converted } from "./support/seed.ts";
import { arrive, enter, stack } from "./support/visitor.ts";

let folder: Awaited<ReturnType<typeof openFolder>>;
let other: OtherStage;
beforeAll(async () => {
  folder = await openFolder();
  other = await openOtherStage(stack, "/api");
});
afterAll(() => Promise.all([folder.remove(), other.close()]));

const texts = recordText.account;

test("[V4.4] [VD.4] [C10.5] the account tells what somebody has used, takes another name, and gives all that is recorded as a file", async () => {
  const { page, client, name } = await enter();
  const path = await makeSound(join(folder.path, "Klang.wav"), { seconds: 90 });
  await converted(client, path, { preset: "mp3" });
  await until("it is counted", 20_000, async () => (await client.getStatistics()).jobs.completed === 1);
  await accountLink(page).click();
  const number = (title: string) =>
    page
      .locator("dl > div")
      .filter({ has: page.getByText(title, { exact: true }) })
      .locator("dd");
  await number(texts.converted).getByText("1", { exact: false }).waitFor();
  expect(await number(texts.minutes).textContent()).toContain("2 min");
  expect(await number(texts.uploadedBytes).textContent()).toContain("1.4 MB");

  const who = page.getByRole("region", { name: text.account.who });
  await who.getByText(name).waitFor();
  await who.getByRole("button", { name: texts.rename }).click();
  const called = `Ada of ${name}`;
  await who.getByLabel(texts.name).fill(called);
  await who.getByRole("button", { name: text.save }).click();
  await who.getByText(called).waitFor();
  expect((await client.getMe()).name).toBe(called);
  await page.reload();
  await who.getByText(called).waitFor();

  const saved = await download(page, page.getByRole("button", { name: texts.export }));
  expect(saved.name).toBe("my-data.json");
  const { jobs, files, profile } = JSON.parse(saved.bytes.toString());
  expect([jobs.length, files.length, profile[0].name]).toEqual([1, 2, called]);
});

test("[VD.4] [C10.5] the account lists where somebody is signed in, marks this device, and ends other sign-ins and this one", async () => {
  const { page, name } = await enter();
  // Signed in once more, from a program; that is another session.
  const elsewhere = createClient({ baseUrl: stack.apiUrl, token: await stack.tokenFor(name) });
  await elsewhere.getMe();
  await accountLink(page).click();
  const sessions = page.getByRole("list", { name: texts.sessions }).getByRole("listitem");
  const mine = sessions.filter({ hasText: texts.thisDevice });
  await mine.getByText(texts.device("Chrome", "Linux")).waitFor();
  expect(await mine.count()).toBe(1);
  const theirs = sessions.filter({ hasText: "Node.js" });
  const before = await theirs.count();
  expect(before).toBeGreaterThan(0);
  for (let left = before; left > 0; left--) {
    await theirs.first().getByRole("button", { name: texts.end }).click();
    await until("it is no longer listed", 20_000, async () => (await theirs.count()) === left - 1);
  }
  await page.reload();
  await mine.waitFor();
  expect(await theirs.count()).toBe(0);
  await mine.getByRole("button", { name: texts.end }).click();
  await page.getByRole("button", { name: text.signIn.button }).waitFor();
});

test("[V4.4] [VD.4] an account is deleted only by who types that they want it, and then it is closed", async () => {
  const { page, name, tolerate } = await enter();
  tolerate(/status of 40[13]/);
  await accountLink(page).click();
  await page.getByRole("button", { name: texts.delete }).click();
  const question = page.getByRole("alertdialog", { name: texts.deleteHeading });
  const sure = question.getByRole("button", { name: texts.delete });
  await expect(sure.isDisabled()).resolves.toBe(true);
  await question.getByLabel(texts.typeWords).fill("delete");
  await expect(sure.isDisabled()).resolves.toBe(true);
  await question.getByLabel(texts.typeWords).fill(texts.deleteWords);
  await sure.click();
  await page.getByText("Your account is closed.").waitFor();
  // Another token of the same person's is refused, too.
  const again = createClient({ baseUrl: stack.apiUrl, token: await stack.tokenFor(name) });
  await expect(again.getMe()).rejects.toMatchObject({ code: "auth.forbidden" });
});

test("[V4.5] without the record the account still tells who is signed in and what is stored, and signs out", async () => {
  const { page, name, client, tolerate } = await arrive({ baseURL: other.url, ignoreHTTPSErrors: true });
  tolerate(/status of 503/);
  const path = await makeSound(join(folder.path, "Rest.wav"), { seconds: 1 });
  await converted(client, path, { preset: "mp3" });
  await signIn(page, name);
  other.record(false);
  await accountLink(page).click();
  await page.getByText(recordText.away).first().waitFor();
  await page.getByText("Rest.mp3").waitFor();
  await page.getByText(name).waitFor();
  other.record(true);
  // It is asked again by itself.
  await page.locator("dl > div", { hasText: texts.converted }).waitFor();
  await page.getByRole("button", { name: text.account.signOut }).click();
  await page.getByRole("button", { name: text.signIn.button }).waitFor();
});
