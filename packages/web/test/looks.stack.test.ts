import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { axeFindings, mirrorFindings, overhang, wear, widthsPx } from "./support/looks.ts";
import { openFolder } from "./support/media.ts";
import { tours } from "./support/tour.ts";
import { arrive, stack } from "./support/visitor.ts";

let folder: Awaited<ReturnType<typeof openFolder>>;
beforeAll(async () => {
  folder = await openFolder();
});
afterAll(() => folder.remove());

const looks = [
  ["dark", widthsPx[0]],
  ["light", widthsPx[2]],
] as const;

/** What is wrong with the page as it is now. */
async function findingsOn(page: Page, state: string): Promise<string[]> {
  const findings: string[] = [];
  for (const [theme, widthPx] of looks) {
    await wear(page, theme, widthPx);
    for (const finding of await axeFindings(page)) findings.push(`${state}, ${theme}: ${finding}`);
  }
  for (const widthPx of widthsPx) {
    await page.setViewportSize({ width: widthPx, height: 900 });
    for (const wide of await overhang(page)) findings.push(`${state}, ${widthPx} px: ${wide}`);
    for (const odd of await mirrorFindings(page))
      findings.push(`${state}, from right to left, ${widthPx} px: ${odd}`);
  }
  // What was wide once and is out of sight must not stay so.
  await wear(page, "light", widthsPx[2], 4_000);
  await wear(page, "light", widthsPx[2], 100);
  await wear(page, "light", widthsPx[0], 100);
  for (const wide of await overhang(page)) findings.push(`${state}, narrow again: ${wide}`);
  return findings;
}

test.each(Object.entries(tours))(
  "[C10.5] every page and state is without findings of axe in both themes, and none scrolls sideways from 320 to 1440 px, nor from right to left, where it stands mirrored: %s",
  async (_, tour) => {
    const visitor = await arrive();
    visitor.tolerate(/status of 404|ERR_INTERNET_DISCONNECTED/);
    const findings: string[] = [];
    for await (const state of tour({ ...visitor, folder: folder.path, databaseUrl: stack.databaseUrl }))
      findings.push(...(await findingsOn(visitor.page, state)));
    expect(findings).toEqual([]);
  },
);
