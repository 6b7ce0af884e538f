import { until } from "@t2m/local/processes/wait";
import type { Locator, Page } from "playwright-core";
import { text } from "../../src/text.ts";

// How a person finds things on the page: by what they are called.

/** Signs in as a person does: by the issuer's own page, and back. */
export async function signIn(page: Page, name: string): Promise<void> {
  await page.getByRole("button", { name: text.signIn.button }).first().click();
  await page.getByLabel("Your name").fill(name);
  await page.getByRole("button", { name: "Sign in" }).click();
  await accountLink(page).waitFor();
}

/** There for whoever is signed in. */
export const accountLink = (page: Page) => page.getByRole("link", { name: text.nav.account });

/** A file's row on the page of conversions. */
export const rowOf = (page: Page, fileName: string): Locator =>
  page.getByRole("listitem", { name: fileName, exact: true });

/** A button for something that is done to one file or result. */
export const action = (page: Page, what: string, fileName: string): Locator =>
  page.getByRole("button", { name: text.row.of(what, fileName), exact: true });

/** Chooses files by the browser's dialog for `<input type="file">`. */
export async function choose(page: Page, button: Locator, paths: readonly string[]): Promise<void> {
  const [dialog] = await Promise.all([page.waitForEvent("filechooser"), button.click()]);
  await dialog.setFiles([...paths]);
}

/** Waits until a file's row says this. */
export async function says(page: Page, fileName: string, what: string): Promise<void> {
  await rowOf(page, fileName).getByText(what).first().waitFor();
}

/** Opens a result's player and lets it play until it moves on. */
export async function listen(page: Page, fileName: string): Promise<void> {
  await action(page, text.row.play, fileName).click();
  const player = page.getByRole("region", { name: text.player.label(fileName) }).locator("audio, video");
  await player.and(page.locator("[src]")).waitFor();
  await until("it plays", 20_000, () =>
    player.evaluate(async (media: HTMLMediaElement) => {
      // Refused as long as there is no good link.
      await media.play().catch(() => undefined);
      return media.currentTime > 0;
    }),
  );
}

/** Saves what a click brings; its name and its bytes. */
export async function download(page: Page, button: Locator): Promise<{ name: string; bytes: Buffer }> {
  const [file] = await Promise.all([page.waitForEvent("download"), button.click()]);
  const chunks = await (await file.createReadStream()).toArray();
  return { name: file.suggestedFilename(), bytes: Buffer.concat(chunks) };
}

export async function signOut(page: Page): Promise<void> {
  await accountLink(page).click();
  await page.getByRole("button", { name: text.account.signOut }).click();
  await page.getByRole("button", { name: text.signIn.button }).first().waitFor();
  await page.goto("/");
}
