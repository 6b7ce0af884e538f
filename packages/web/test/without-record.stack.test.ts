import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { text } from "../src/text.ts";
import { recordText } from "../src/text-record.ts";
import { accountLink, rowOf, signIn } from "./support/app.ts";
import { makeSound, openFolder } from "./support/media.ts";
import { type OtherStage, openOtherStage } from "./support/other-stage.ts";
import { converted } from "./support/seed.ts";
import { arrive, stack } from "./support/visitor.ts";

let folder: Awaited<ReturnType<typeof openFolder>>;
let plain: OtherStage;
beforeAll(async () => {
  folder = await openFolder();
  plain = await openOtherStage(stack, "/api", { keepsRecord: false });
});
afterAll(() => Promise.all([folder.remove(), plain.close()]));

test("[C10.5] where a stage keeps no record, the page shows what is live and asks for nothing else", async () => {
  const { page, client, name } = await arrive({ baseURL: plain.url, ignoreHTTPSErrors: true });
  const path = await makeSound(join(folder.path, "Plain.wav"), { seconds: 1 });
  await converted(client, path, { preset: "mp3" });
  await signIn(page, name);
  await page.getByRole("link", { name: text.nav.history, exact: true }).click();
  await rowOf(page, "Plain.wav").getByRole("button", { name: text.row.download }).waitFor();
  expect(await page.getByRole("navigation", { name: recordText.tabs.label }).count()).toBe(0);
  expect(await page.getByText(recordText.history.away).count()).toBe(0);
  expect(await page.getByRole("button", { name: recordText.history.share }).count()).toBe(0);

  await accountLink(page).click();
  await page.getByText("Plain.mp3").waitFor();
  expect(await page.getByRole("button", { name: recordText.account.rename }).count()).toBe(0);
  expect(await page.getByRole("button", { name: recordText.account.export }).count()).toBe(0);
  for (const place of ["/files", "/batches", "/admin", "/shared"]) {
    await page.goto(place);
    await page.getByRole("heading", { name: text.notFound.heading }).waitFor();
  }
  expect(
    plain.asked.filter((asked) => /^\/(history|me|files|shared|batches|queue|admin)\b/.test(asked)),
  ).toEqual([]);
});
