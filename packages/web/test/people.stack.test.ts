import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { text } from "../src/text.ts";
import { rowOf, says, signIn, signOut } from "./support/app.ts";
import { drop } from "./support/drop.ts";
import { makeSound, openFolder } from "./support/media.ts";
import { enter } from "./support/visitor.ts";

let folder: Awaited<ReturnType<typeof openFolder>>;
beforeAll(async () => {
  folder = await openFolder();
});
afterAll(() => folder.remove());

test("[C1.5] [C10.5] two people never see each other's files: not at home, not in the history, not by a job's address, not on the same machine after signing out", async () => {
  const [ada, bob] = await Promise.all([enter(), enter()]);
  bob.tolerate(/status of 404/);
  ada.tolerate(/status of 404/);
  const name = `Ada's secret.wav`;
  await drop(ada.page, [await makeSound(join(folder.path, name), { seconds: 1 })]);
  await says(ada.page, name, text.statuses.completed);
  const [job] = (await ada.client.listJobs()).items;

  await bob.page.reload();
  for (const link of [text.nav.convert, text.nav.history, text.nav.account]) {
    await bob.page.getByRole("link", { name: link, exact: true }).click();
    await bob.page.waitForLoadState("networkidle");
    expect(await bob.page.content()).not.toContain(name);
  }
  await bob.page.goto(`/jobs/${job?.id}`);
  await bob.page.getByRole("heading", { name: text.job.goneHeading }).waitFor();
  expect(await bob.page.content()).not.toContain(name);

  await ada.page.goto(`/jobs/${job?.id}`);
  await ada.page.getByText(name).first().waitFor();
  await signOut(ada.page);
  await signIn(ada.page, bob.name);
  await ada.page.goto("/");
  await expect(rowOf(ada.page, name).count()).resolves.toBe(0);
  expect(await ada.page.content()).not.toContain(name);
});
