import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { until } from "@t2m/local/processes/wait";
import { afterAll, beforeAll, expect, test } from "vitest";
import { text } from "../src/text.ts";
import { recordText } from "../src/text-record.ts";
import { accountLink } from "./support/app.ts";
import { openFolder } from "./support/media.ts";
import { openRecord } from "./support/record.ts";
import { converted } from "./support/seed.ts";
import { enter } from "./support/visitor.ts";

const record = openRecord();
let folder: Awaited<ReturnType<typeof openFolder>>;
beforeAll(async () => {
  folder = await openFolder();
});
afterAll(() => folder.remove());

const texts = recordText.admin;

test("[V4.4] [VD.4] an administrator sees people, conversions, failures, throughput, storage and queue, and nothing of anybody's media; says who may do what; others find nothing there", async () => {
  const [boss, ada] = await Promise.all([enter(), enter()]);
  ada.tolerate(/status of 404/);
  const secret = "Geheime Aufnahme";
  const broken = join(folder.path, `${secret}.wav`);
  await writeFile(broken, "This is no sound.".repeat(100));
  const failed = await converted(ada.client, broken, { preset: "mp3" });
  const { jobs } = await ada.client.createUpload({
    body: {
      name: `${secret} 2.wav`,
      type: "audio/wav",
      sizeBytes: 50_000_000,
      conversions: [{ preset: "wav" }],
    },
  });
  const waiting = jobs[0]?.id ?? "";
  const [{ id: bossId }, { id: adaId }] = await Promise.all([boss.client.getMe(), ada.client.getMe()]);
  await until("the record knows both", 20_000, async () => {
    const { items } = await ada.client.listHistory();
    return items.length === 2 && items.some(({ status }) => status === "failed");
  });

  for (const path of ["/admin", "/admin/users", `/admin/users/${bossId}`, "/admin/jobs"]) {
    await ada.page.goto(path);
    await ada.page.getByRole("heading", { name: text.notFound.heading }).waitFor();
  }
  await accountLink(ada.page).click();
  await ada.page
    .getByRole("button", { name: recordText.account.rename })
    .and(ada.page.locator(":enabled"))
    .waitFor();
  await expect(ada.page.getByRole("link", { name: texts.heading }).count()).resolves.toBe(0);

  await record.sql`update users set role = 'admin' where id = ${bossId}`;
  const { page } = boss;
  const seen: string[] = [];
  const look = async () => void seen.push(await page.content());
  await accountLink(page).click();
  await page.getByRole("link", { name: texts.heading }).click();
  await page.getByRole("region", { name: texts.failures }).getByText("media.unrecognized").waitFor();
  await page.getByRole("region", { name: texts.throughput }).getByRole("row").nth(1).waitFor();
  await page.getByText(texts.stored).waitFor();
  await look();

  await page.getByRole("link", { name: "media.unrecognized" }).click();
  await page.locator(`[data-job="${failed}"][data-status="failed"]`).waitFor();
  await look();
  await page.getByLabel(texts.code).fill("");
  await page.getByLabel(text.history.state).selectOption(text.statuses.waiting);
  const open = page.locator(`[data-job="${waiting}"]`);
  await open.getByRole("button", { name: texts.cancelJob }).click();
  await open.waitFor({ state: "detached" });
  expect((await ada.client.getJob({ params: { jobId: waiting } })).status).toBe("cancelled");

  await page.getByRole("link", { name: texts.users, exact: true }).click();
  await page.getByLabel(texts.searchUsers).fill(ada.name);
  await page.getByRole("listitem", { name: ada.name }).getByRole("link").click();
  await page.getByText("job.cancelled").waitFor();
  await page.getByText(texts.bySupport, { exact: false }).waitFor();
  await look();
  await page.getByLabel(texts.permissions["admin.read"]).check();
  await page.getByRole("button", { name: text.save }).click();
  await page.getByText("access.changed").waitFor();
  expect((await ada.client.getMe()).permissions).toEqual(["admin.read"]);
  await page.getByRole("button", { name: texts.suspend }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: texts.suspend }).click();
  await page.getByText(texts.suspendedSince("")).waitFor();
  await page.getByText("account.suspended").waitFor();
  await page.getByRole("button", { name: texts.reinstate }).click();
  await page.getByText("account.reinstated").waitFor();
  await page.getByRole("link", { name: texts.theirJobs }).click();
  await page.locator(`[data-job="${failed}"]`).waitFor();
  await look();
  await page.goto(`/admin/users/${bossId}`);
  await page.getByText(texts.ownAccess).waitFor();
  for (const html of seen) expect(html).not.toContain(secret);
  expect(adaId).not.toBe(bossId);
});
