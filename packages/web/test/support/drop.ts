import type { Page } from "playwright-core";

/** Drags files or folders from the desktop over the middle of the window, as the browser gets it from the system. */
async function drag(
  page: Page,
  paths: readonly string[],
  types: readonly ("dragEnter" | "dragOver" | "drop")[],
) {
  const session = await page.context().newCDPSession(page);
  const { width, height } = page.viewportSize() ?? { width: 0, height: 0 };
  const data = { items: [], files: [...paths], dragOperationsMask: 1 };
  for (const type of types)
    await session.send("Input.dispatchDragEvent", { type, x: width / 2, y: height / 2, data });
  await session.detach();
}

/** Drops files or folders on the page. */
export const drop = (page: Page, paths: readonly string[]): Promise<void> =>
  drag(page, paths, ["dragEnter", "dragOver", "drop"]);

/** Holds files over the page without letting go of them. */
export const hover = (page: Page, paths: readonly string[]): Promise<void> =>
  drag(page, paths, ["dragEnter", "dragOver"]);

/** Whether this browser keeps a handle of what is dropped, by which the file is found again after a reload. */
export const remembersFiles = (page: Page): Promise<boolean> =>
  page.evaluate(() => "getAsFileSystemHandle" in DataTransferItem.prototype);
