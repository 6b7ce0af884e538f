import { join } from "node:path";
import { fileSource } from "@t2m/client/node/file";
import { upload } from "@t2m/client/upload/upload";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { text } from "../src/text.ts";
import { signIn } from "./support/app.ts";
import { expireAt } from "./support/expiry.ts";
import { makeSound, openFolder } from "./support/media.ts";
import { type OtherStage, openOtherStage, type StreamFate } from "./support/other-stage.ts";
import { converted } from "./support/seed.ts";
import { arrive, enter, stack } from "./support/visitor.ts";

let folder: Awaited<ReturnType<typeof openFolder>>;
let other: OtherStage;
beforeAll(async () => {
  folder = await openFolder();
  other = await openOtherStage(stack, "/api");
});
afterAll(() => Promise.all([folder.remove(), other.close()]));

const heading = (page: Page, name: string) => page.getByRole("heading", { name, level: 1 });
const timeline = (page: Page) => page.getByRole("list", { name: text.job.timeline });

test("[C3.4] [C10.5] a job that expires while its page is open says so by itself, and one that is deleted elsewhere as soon as somebody looks", async () => {
  const { page, client, name, tolerate } = await enter();
  tolerate(/status of 404/);
  const path = await makeSound(join(folder.path, "Vergänglich.wav"), { seconds: 1 });
  const [expiring, deleted] = await Promise.all([
    converted(client, path, { preset: "mp3" }),
    converted(client, path, { preset: "wav" }),
  ]);
  await page.goto(`/jobs/${deleted}`);
  await timeline(page).getByText(text.events["job.completed"]).waitFor();
  await client.deleteJob({ params: { jobId: deleted } });
  await page.evaluate(() => dispatchEvent(new Event("focus")));
  await heading(page, text.job.deletedHeading).waitFor();

  const seconds = 5;
  const end = Math.ceil(Date.now() / 1000) + seconds;
  await expireAt(name, expiring, end);
  await page.goto(`/jobs/${expiring}`);
  await timeline(page).getByText(text.events["job.completed"]).waitFor();
  await page.getByRole("button", { name: text.row.download }).waitFor();
  expect(Date.now() / 1000, "the job was shown while it was there").toBeLessThan(end);
  // Sooner than the page's next look without a reason.
  await heading(page, text.job.expiredHeading).waitFor({ timeout: (seconds + 20) * 1000 });
  expect(Date.now() / 1000).toBeGreaterThanOrEqual(end);
  await page.getByText("Vergänglich.wav").waitFor();
  await expect(page.getByRole("button", { name: text.row.download }).count()).resolves.toBe(0);
});

test("[C10.2] [C10.3] where event streams are refused, cut off or swallowed on the way, a job's page still moves to its end, and nothing on it tells", async () => {
  const { page, client, name, tolerate } = await arrive({ baseURL: other.url, ignoreHTTPSErrors: true });
  tolerate(/status of (403|502)|ERR_INCOMPLETE_CHUNKED_ENCODING|ERR_EMPTY_RESPONSE/);
  await signIn(page, name);
  const path = await makeSound(join(folder.path, "Ohne Strom.wav"), { seconds: 1 });
  for (const fate of [403, 502, "cut", "silent"] as const satisfies readonly StreamFate[]) {
    other.streams(fate);
    other.asked.length = 0;
    const begun = Promise.withResolvers<readonly string[]>();
    const going = upload(client, await fileSource(path), {
      conversions: [{ preset: "mp3" }],
      onBegun: ({ upload: { jobIds } }) => begun.resolve(jobIds),
    });
    going.pause();
    await page.goto(`/jobs/${(await begun.promise)[0]}`);
    await page.getByRole("status").getByText(text.statuses.waiting).waitFor();
    going.resume();
    await going.finished;
    const status = page.getByRole("status");
    await status.getByText(text.statuses.completed, { exact: true }).waitFor({ timeout: 30_000 });
    await page.getByText("Ohne Strom.mp3").first().waitFor();
    const told = await timeline(page).getByRole("listitem").allInnerTexts();
    const types = ["job.created", "step.started", "job.completed"] as const;
    for (const type of types) expect(told.join(), `${fate}`).toContain(text.events[type]);
    await expect(page.getByRole("alert").count(), `${fate}`).resolves.toBe(0);
    expect(
      other.asked.some((asked) => asked.endsWith("/events")),
      `${fate}`,
    ).toBe(true);
  }
});
