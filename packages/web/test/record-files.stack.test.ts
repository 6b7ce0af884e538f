import { join } from "node:path";
import { putObject } from "@t2m/core/storage/objects";
import { until } from "@t2m/local/processes/wait";
import { afterAll, beforeAll, expect, test } from "vitest";
import { text } from "../src/text.ts";
import { recordText } from "../src/text-record.ts";
import { action, download } from "./support/app.ts";
import { makeSound, openFolder } from "./support/media.ts";
import { openRecord } from "./support/record.ts";
import { converted } from "./support/seed.ts";
import { arrive, enter, stack } from "./support/visitor.ts";

const record = openRecord();
let folder: Awaited<ReturnType<typeof openFolder>>;
beforeAll(async () => {
  folder = await openFolder();
});
afterAll(() => folder.remove());

test("[V1.1] [C10.5] on a result's page its versions are listed and downloaded, and an earlier one is brought back", async () => {
  const { page, client } = await enter();
  const path = await makeSound(join(folder.path, "Lied.wav"), { seconds: 1 });
  const jobId = await converted(client, path, { preset: "mp3" });
  await page.goto("/history");
  await action(page, recordText.history.share, "Lied.mp3").click();
  await page.getByRole("heading", { name: "Lied.mp3", level: 1 }).waitFor();
  const first = await download(page, action(page, text.row.download, "Lied.mp3"));
  expect(first.name).toBe("Lied.mp3");

  const [row] = await record.sql`select s3_key from file_metadata where job_id = ${jobId}`;
  Object.assign(process.env, stack.environment);
  const later = {
    bucket: "videos",
    key: String(row?.s3_key),
    body: "later",
    contentType: "audio/mpeg",
  } as const;
  await putObject(later);
  await page.reload();
  const versions = page.getByRole("list", { name: recordText.versions.heading }).getByRole("listitem");
  await until("both versions are listed", 20_000, async () => (await versions.count()) === 2);
  expect(await versions.first().textContent()).toContain(recordText.versions.latest);
  const newest = await download(page, versions.first().getByRole("button", { name: text.row.download }));
  expect(newest.bytes.toString()).toBe("later");
  const old = await download(page, versions.last().getByRole("button", { name: text.row.download }));
  expect(old.bytes.equals(first.bytes)).toBe(true);

  await versions.last().getByRole("button", { name: recordText.versions.restore }).click();
  await until("none is lost", 20_000, async () => (await versions.count()) === 3);
  const again = await download(page, action(page, text.row.download, "Lied.mp3"));
  expect(again.bytes.equals(first.bytes)).toBe(true);
});

test("[V4.1] [C10.5] a file is given to somebody without an account by a link, until its owner ends it", async () => {
  const { page, client, tolerate } = await enter();
  const path = await makeSound(join(folder.path, "Geschenk.wav"), { seconds: 1 });
  await converted(client, path, { preset: "mp3" });
  await page.goto("/files");
  await page.getByRole("link", { name: "Geschenk.mp3" }).click();
  const owned = await download(page, action(page, text.row.download, "Geschenk.mp3"));
  await page.getByLabel(recordText.shares.lifetime).selectOption("7 days");
  await page.getByRole("button", { name: recordText.shares.make }).click();
  const link = await page.getByLabel(recordText.shares.link).inputValue();

  const guest = await arrive();
  guest.tolerate(/status of 404/);
  await guest.page.goto(link);
  await guest.page.getByRole("heading", { name: "Geschenk.mp3", level: 1 }).waitFor();
  const given = await download(
    guest.page,
    guest.page.getByRole("button", { name: recordText.shared.download, exact: true }),
  );
  expect(given.name).toBe("Geschenk.mp3");
  expect(given.bytes.equals(owned.bytes)).toBe(true);

  await page.reload();
  const links = page.getByRole("list", { name: recordText.shares.list }).getByRole("listitem");
  await links.getByText(recordText.shares.opened(1)).waitFor();
  await links.getByRole("button", { name: recordText.shares.revoke }).click();
  await page.getByText(recordText.shares.none).waitFor();
  await guest.page.reload();
  await guest.page.getByRole("heading", { name: recordText.shared.goneHeading }).waitFor();
  // What is not one's own, or no file's address, is not there.
  tolerate(/status of 40[04]/);
  for (const path of ["/files/0199a5b2-6c1f-7e21-8a3d-2f7c9b0e4d15", "/files/nothing"]) {
    await page.goto(path);
    await page.getByRole("heading", { name: recordText.file.goneHeading }).waitFor();
  }
});
