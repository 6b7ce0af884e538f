import type { Page } from "playwright-core";

declare global {
  interface Window {
    t2mProgress?: number[];
  }
}

/** From now on: notes every value that the progress bar of this name shows. */
export async function recordProgress(page: Page, label: string): Promise<void> {
  await page.evaluate((name) => {
    const values: number[] = [];
    window.t2mProgress = values;
    new MutationObserver(() => {
      for (const bar of document.querySelectorAll(`[aria-label="${CSS.escape(name)}"]`)) {
        const value = Number(bar.getAttribute("aria-valuenow") ?? bar.getAttribute("value") ?? Number.NaN);
        if (Number.isFinite(value) && values.at(-1) !== value) values.push(value);
      }
    }).observe(document, { subtree: true, childList: true, attributes: true });
  }, label);
}

/** What it has shown, in order, repetitions left out. */
export const recordedProgress = (page: Page): Promise<number[]> =>
  page.evaluate(() => window.t2mProgress ?? []);
