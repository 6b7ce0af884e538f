import { until } from "@t2m/local/processes/wait";
import type { Page } from "playwright-core";
import { text } from "../../src/text.ts";

type Drag = "dragEnter" | "dragOver" | "dragCancel" | "drop";

/** Drags files or folders from the desktop over the middle of the window, as the browser gets it from the system. */
async function drag(page: Page, paths: readonly string[], types: readonly Drag[]) {
  const session = await page.context().newCDPSession(page);
  const { width, height } = page.viewportSize() ?? { width: 0, height: 0 };
  const data = { items: [], files: [...paths], dragOperationsMask: 1 };
  for (const type of types)
    await session.send("Input.dispatchDragEvent", { type, x: width / 2, y: height / 2, data });
  await session.detach();
}

/** Drops files or folders on the page once it says that it takes them, as a person does. */
export async function drop(page: Page, paths: readonly string[]): Promise<void> {
  await hover(page, paths);
  await drag(page, paths, ["drop"]);
}

/** Holds files over the page without letting go of them. */
export async function hover(page: Page, paths: readonly string[]): Promise<void> {
  const invitation = page.getByText(text.convert.dropNow);
  await until("the page takes files", 60_000, async () => {
    await page.bringToFront();
    await drag(page, paths, ["dragEnter", "dragOver"]);
    // The page draws it a moment later; who lets go at once would never see it.
    const isShown = await invitation.waitFor({ timeout: 1_000 }).then(
      () => true,
      () => false,
    );
    if (!isShown) await drag(page, paths, ["dragCancel"]);
    return isShown;
  });
}

/** Whether this browser keeps a handle of what is dropped, by which the file is found again after a reload. */
export const remembersFiles = (page: Page): Promise<boolean> =>
  page.evaluate(() => "getAsFileSystemHandle" in DataTransferItem.prototype);
