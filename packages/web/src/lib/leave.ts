let isDownloading = false;
const settleMs = 2_000;

/** Asks before the page is left while it is busy. */
export function guardLeaving(isBusy: () => boolean): void {
  addEventListener("beforeunload", (event) => {
    if (isBusy() && !isDownloading) event.preventDefault();
  });
}

/** Goes to an address that is saved, not shown. Browsers take that for leaving until the answer is there. */
export function downloadFrom(url: string): void {
  isDownloading = true;
  setTimeout(() => {
    isDownloading = false;
  }, settleMs);
  location.assign(url);
}
