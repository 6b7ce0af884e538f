import { createStore } from "../lib/store.ts";
import { summary } from "../rows/summary.ts";
import { text } from "../text.ts";

/** What the open page is called. */
export const pageTitle = createStore<string>(text.title);

const iconStepPercent = 5;
let shownIcon = "";

/** The tab's title and icon show how far everything is, for those who look elsewhere meanwhile. */
export function keepTitle(): void {
  let wasBusy = false;
  const show = () => {
    const { moving, percent } = summary.get();
    if (moving > 0) document.title = text.documentTitle.busy(percent);
    else if (wasBusy && document.hidden) document.title = text.documentTitle.done;
    else document.title = pageTitle.get();
    wasBusy = moving > 0 || (wasBusy && document.hidden);
    showIcon(moving > 0 ? Math.round(percent / iconStepPercent) * iconStepPercent : undefined);
  };
  summary.subscribe(show);
  pageTitle.subscribe(show);
  document.addEventListener("visibilitychange", show);
  show();
}

function showIcon(percent: number | undefined): void {
  const address =
    percent === undefined ? "/icon.svg" : `data:image/svg+xml,${encodeURIComponent(ring(percent))}`;
  if (address === shownIcon) return;
  shownIcon = address;
  document.querySelector('link[rel="icon"]')?.setAttribute("href", address);
}

const ring = (percent: number) =>
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><circle cx="16" cy="16" r="12" fill="none" ` +
  `stroke="#aab" stroke-width="7"/><circle cx="16" cy="16" r="12" fill="none" stroke="#3346cf" stroke-width="7" ` +
  `pathLength="100" stroke-dasharray="${percent} 100" transform="rotate(-90 16 16)"/></svg>`;
