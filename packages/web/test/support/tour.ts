import { join } from "node:path";
import type { Client } from "@t2m/client/client";
import type { Page } from "playwright-core";
import { text } from "../../src/text.ts";
import { accountLink, action, rowOf, says, signIn, signOut } from "./app.ts";
import { drop, hover } from "./drop.ts";
import { makeFilm, makeSound } from "./media.ts";
import type { Network } from "./network.ts";
import { withARecord } from "./record-tour.ts";
import { seed } from "./seed.ts";

export type Guide = {
  page: Page;
  network: Network;
  client: Client;
  name: string;
  folder: string;
  databaseUrl: string;
};

/**
 * Ways through every page and state of the app; each begins and ends signed out at home, and yields the name of what
 * is to be seen once it is there.
 */
export const tours = { outside, withNothing, atWork, withAPast, withARecord } as const satisfies Record<
  string,
  (guide: Guide) => AsyncGenerator<string>
>;

const open = (page: Page, where: string) =>
  page.getByRole("link", { name: where, exact: true }).first().click();

async function* outside({ page }: Guide): AsyncGenerator<string> {
  yield "signed out";
  await page.getByRole("button", { name: text.signIn.button }).first().click();
  await page.getByLabel("Your name").waitFor();
  yield "sign in";
  await page.goto("/history");
  await page.getByText(text.signIn.needed).waitFor();
  yield "signed out, elsewhere";
  await page.goto("/docs/");
  yield "API reference";
  await page.goto("/");
}

async function* withNothing({ page, network, name, folder }: Guide): AsyncGenerator<string> {
  await signIn(page, name);
  yield "convert, empty";
  await hover(page, [folder]);
  await page.getByText(text.convert.dropNow).waitFor();
  yield "convert, files above it";
  await page.goto("/");
  await open(page, text.nav.history);
  await page.getByText(text.history.empty).waitFor();
  yield "history, empty";
  await open(page, text.nav.account);
  await page.getByText(text.account.nothing).waitFor();
  yield "account, empty";
  await page.goto("/nowhere");
  await page.getByText(text.notFound.heading).waitFor();
  yield "no such page";
  await page.goto("/jobs/0199a5b2-6c1f-7e21-8a3d-2f7c9b0e4d15");
  await page.getByText(text.job.goneHeading).waitFor();
  yield "job, gone";
  await page.goto("/");
  await accountLink(page).waitFor();
  await network.cut();
  await page.getByText(text.offline).waitFor();
  yield "convert, offline";
  await network.restore();
  await page.getByText(text.offline).waitFor({ state: "hidden" });
  await signOut(page);
}

async function* atWork({ page, network, name: person, folder }: Guide): AsyncGenerator<string> {
  await signIn(page, person);
  const large = { seconds: 20, sampleRateHz: 96_000, channels: 2, bits: 24 } as const;
  const [slow, held, song, film] = await Promise.all([
    makeSound(join(folder, "Rohmischung vom Mittwoch.wav"), large),
    makeSound(join(folder, "Abendlied.wav"), large),
    makeSound(join(folder, "Klavier.wav"), { seconds: 15, sampleRateHz: 44_100 }),
    makeFilm(join(folder, "Ferien am Meer.mp4"), 3),
  ]);
  await drop(page, [song, film]);
  await says(page, "Klavier.wav", text.statuses.completed);
  await says(page, "Ferien am Meer.mp4", text.statuses.completed);
  await page.getByText(text.batch.done(2)).waitFor();
  yield "convert, done";
  const all = page.getByRole("combobox", { name: text.batch.convertAllTo });
  await all.focus();
  await all.selectOption("flac");
  yield "convert, another format for all";
  await all.selectOption("");
  await network.slow(100_000);
  await drop(page, [slow]);
  // Chosen and not dropped: the browser does not remember it over a reload.
  await page.locator("input#files").setInputFiles([held]);
  await says(page, "Rohmischung vom Mittwoch.wav", text.row.sending);
  await action(page, text.row.pause, "Abendlied.wav").click();
  yield "convert, uploading";
  await action(page, text.row.options, "Rohmischung vom Mittwoch.wav").click();
  await page.getByRole("dialog").getByText(text.options.trimHint).waitFor();
  yield "options";
  await page.getByText(text.options.advanced).click();
  yield "options, advanced";
  await page.reload();
  await says(page, "Abendlied.wav", text.row.needsFile("Abendlied.wav"));
  yield "convert, after a reload";
  await action(page, text.row.giveUp, "Rohmischung vom Mittwoch.wav").click();
  await action(page, text.row.giveUp, "Abendlied.wav").click();
  await rowOf(page, "Abendlied.wav").waitFor({ state: "detached" });
  await network.restore();
  for (const name of ["Klavier.mp3", "Ferien am Meer.mp4"]) {
    await action(page, text.row.play, name).click();
    await page.getByRole("region", { name: text.player.label(name) }).waitFor();
    await page.waitForLoadState("networkidle");
    yield `player of ${name}`;
    await action(page, text.row.hide, name).click();
  }
  await signOut(page);
}

async function* withAPast({ page, client, name, folder }: Guide): AsyncGenerator<string> {
  await signIn(page, name);
  const { sound, film, failed, cancelled, waiting } = await seed(client, folder);
  await open(page, text.nav.history);
  await page.getByText("Holiday.mp4").first().waitFor();
  yield "history";
  await page.getByLabel(text.history.search).fill("nothing is called this");
  await page.getByText(text.history.noMatch).waitFor();
  yield "history, nothing fits";
  for (const [state, jobId] of Object.entries({ sound, film, failed, cancelled, waiting })) {
    await page.goto(`/jobs/${jobId}`);
    await page.getByRole("list", { name: text.job.timeline }).getByRole("listitem").first().waitFor();
    yield `job, ${state}`;
  }
  await client.deleteJob({ params: { jobId: waiting } });
  await page.evaluate(() => dispatchEvent(new Event("focus")));
  await page.getByText(text.job.deletedHeading).first().waitFor();
  yield "job, deleted meanwhile";
  await open(page, text.nav.account);
  await page.getByText(text.account.expiring).waitFor();
  yield "account";
  await signOut(page);
}
