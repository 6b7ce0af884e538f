import { join } from "node:path";
import type { Locator, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { text } from "../src/text.ts";
import { action, says } from "./support/app.ts";
import { makeSound, openFolder } from "./support/media.ts";
import { arrive } from "./support/visitor.ts";

let folder: Awaited<ReturnType<typeof openFolder>>;
beforeAll(async () => {
  folder = await openFolder();
});
afterAll(() => folder.remove());

const mostStops = 40;

/** Goes on with Tab until this has the focus, and sees at every stop where the focus is. */
async function tabTo(page: Page, target: Locator): Promise<void> {
  for (let stops = 0; stops < mostStops; stops++) {
    await page.keyboard.press("Tab");
    expect(await focusMark(page), "each stop is marked").not.toBe("");
    if (await target.evaluate((element) => element === document.activeElement)) return;
  }
  throw new Error(`${mostStops} stops do not lead to ${target}`);
}

/** How the focused element, or what is drawn in its place, shows that it is focused; empty where it does not. */
const focusMark = (page: Page): Promise<string> =>
  page.evaluate(() => {
    const focused = document.activeElement;
    if (!focused || focused === document.body) return "the browser's own";
    const drawn = [focused, focused.closest("label"), focused.parentElement].filter(
      (element) => element !== null,
    );
    const marks = drawn.map((element) => {
      const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(element);
      if (outlineStyle !== "none" && outlineWidth !== "0px") return "outline";
      return boxShadow !== "none" ? "shadow" : "";
    });
    return marks.find(Boolean) ?? "";
  });

test("[C10.5] a person with a keyboard alone signs in, chooses a file, waits for its conversion and downloads it", async () => {
  const { page, name } = await arrive();
  // The dialog of the File System Access API cannot be answered from here; that of every other browser can.
  await page.addInitScript(() => Reflect.deleteProperty(window, "showOpenFilePicker"));
  const file = "Nur Tasten.wav";
  const path = await makeSound(join(folder.path, file), { seconds: 1 });
  await tabTo(page, page.getByRole("button", { name: text.signIn.button }).first());
  await page.keyboard.press("Enter");
  await page.getByLabel("Your name").waitFor();
  await page.keyboard.type(name);
  await page.keyboard.press("Enter");
  const choosing = page.getByRole("button", { name: text.convert.choose });
  await choosing.waitFor();
  // Listened for early: a key is pressed sooner than the browser learns that somebody listens.
  const asked = page.waitForEvent("filechooser");
  await tabTo(page, choosing);
  await page.keyboard.press("Enter");
  await (await asked).setFiles([path]);
  await says(page, file, text.statuses.completed);
  await tabTo(page, action(page, text.row.download, "Nur Tasten.mp3"));
  const [saved] = await Promise.all([page.waitForEvent("download"), page.keyboard.press("Enter")]);
  expect(saved.suggestedFilename()).toBe("Nur Tasten.mp3");
});
