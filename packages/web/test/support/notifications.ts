import type { Page } from "playwright-core";

type Told = { title: string; body: string };

declare global {
  interface Window {
    t2mTold?: Told[];
  }
}

/** From now on: notes what the page tells the person beside itself. */
export async function recordNotifications(page: Page): Promise<void> {
  await page.evaluate(() => {
    const told: Told[] = [];
    window.t2mTold = told;
    window.Notification = class extends Notification {
      constructor(title: string, options?: NotificationOptions) {
        super(title, options);
        told.push({ title, body: options?.body ?? "" });
      }
    };
  });
}

/** In order. */
export const notifications = (page: Page): Promise<Told[]> => page.evaluate(() => window.t2mTold ?? []);

/** Puts the page in the background, as far as it can tell: a browser without a screen has none. */
export async function hide(page: Page): Promise<void> {
  await page.evaluate(() => {
    Object.defineProperty(document, "hidden", { configurable: true, get: () => true });
    document.dispatchEvent(new Event("visibilitychange"));
  });
}
