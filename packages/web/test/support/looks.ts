import axe from "axe-core";
import type { Page } from "playwright-core";

export type Theme = "light" | "dark";
export const themes: readonly Theme[] = ["light", "dark"];
export const widthsPx = [320, 768, 1440] as const;

export async function wear(page: Page, theme: Theme, widthPx: number, heightPx = 900): Promise<void> {
  await page.emulateMedia({ colorScheme: theme, reducedMotion: "reduce" });
  await page.setViewportSize({ width: widthPx, height: heightPx });
  // Two frames: then everything has its new colours and its place.
  await page.evaluate(
    () => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))),
  );
}

/** What axe finds wrong with the page as it is now, a line a finding. */
export async function axeFindings(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  return page.evaluate(async () => {
    const { violations } = await (window as unknown as { axe: typeof axe }).axe.run(document, {
      resultTypes: ["violations"],
    });
    return violations.flatMap(({ id, help, nodes }) =>
      nodes.map(({ target, failureSummary }) => `${id}: ${help}: ${target.join(" ")}: ${failureSummary}`),
    );
  });
}

/** What makes the page scroll sideways, empty where nothing does. */
export function overhang(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const widthPx = document.documentElement.clientWidth;
    if (document.documentElement.scrollWidth <= widthPx) return [];
    const wide = [...document.querySelectorAll("body *")].filter(
      (element) => element.getBoundingClientRect().right > widthPx + 0.5,
    );
    return [
      `${document.documentElement.scrollWidth} px in ${widthPx} px`,
      ...wide.slice(0, 5).map(({ outerHTML }) => outerHTML.slice(0, 120)),
    ];
  });
}

/**
 * What goes wrong when the same page is read from right to left: what sticks out at either side, and controls that do
 * not stand where they would in a mirror.
 */
export function mirrorFindings(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const root = document.documentElement;
    const widthPx = root.clientWidth;
    const controls = [
      ...document.querySelectorAll(
        ":is(header, main) :is(button, input, select, img, h1, [role=progressbar])",
      ),
    ].filter((element) => !element.closest("[dir=ltr]"));
    const places = () => controls.map((element) => element.getBoundingClientRect());
    const before = places();
    root.dir = "rtl";
    const after = places();
    const findings = controls.flatMap((element, index) => {
      const [was, is] = [before[index], after[index]];
      if (!was || !is || is.width === 0) return [];
      const offPx = Math.abs(is.left - (widthPx - was.right));
      return offPx > 2 ? [`${Math.round(offPx)} px off its mirror: ${element.outerHTML.slice(0, 120)}`] : [];
    });
    if (root.scrollWidth > widthPx) findings.push(`${root.scrollWidth} px in ${widthPx} px`);
    root.removeAttribute("dir");
    return findings;
  });
}
