import { afterAll, beforeAll, expect, test } from "vitest";
import { axeFindings, overhang, wear, widthsPx } from "./support/looks.ts";
import { openFolder } from "./support/media.ts";
import { tour } from "./support/tour.ts";
import { arrive } from "./support/visitor.ts";

let folder: Awaited<ReturnType<typeof openFolder>>;
beforeAll(async () => {
  folder = await openFolder();
});
afterAll(() => folder.remove());

test("[C10.5] every page and state is without findings of axe in both themes, and nothing scrolls sideways from 320 to 1440 px", async () => {
  const visitor = await arrive();
  visitor.tolerate(/status of 404|ERR_INTERNET_DISCONNECTED/);
  const { page } = visitor;
  const findings: string[] = [];
  for await (const state of tour({ ...visitor, folder: folder.path })) {
    for (const [theme, widthPx] of [["dark", widthsPx[0]], ["light", widthsPx[2]]] as const) {
      await wear(page, theme, widthPx);
      for (const finding of await axeFindings(page)) findings.push(`${state}, ${theme}: ${finding}`);
    }
    for (const widthPx of widthsPx) {
      await page.setViewportSize({ width: widthPx, height: 900 });
      for (const wide of await overhang(page)) findings.push(`${state}, ${widthPx} px: ${wide}`);
    }
  }
  expect(findings).toEqual([]);
}, 120_000);
