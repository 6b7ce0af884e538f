import type { Page } from "playwright-core";

export type Network = {
  /** Whom the page has spoken to. */
  origins: () => string[];
  /** Slows uploads and downloads down to so many bytes a second. */
  slow: (bytesPerSecond: number) => Promise<void>;
  /** Breaks all connections; new ones fail, and the browser knows that it is offline. */
  cut: () => Promise<void>;
  /** Back to full speed. */
  restore: () => Promise<void>;
};

const unlimited = -1;

/** The page's line to everything, by Chromium's own emulation. */
export async function networkOf(page: Page): Promise<Network> {
  const session = await page.context().newCDPSession(page);
  // Playwright's own events would bring the body of every part along.
  await session.send("Network.enable", { maxPostDataSize: 0 });
  const origins = new Set<string>();
  session.on("Network.requestWillBeSent", ({ request }) => {
    const { protocol, origin } = new URL(request.url);
    if (protocol.startsWith("http")) origins.add(origin);
  });
  const set = async (offline: boolean, bytesPerSecond: number) => {
    await session.send("Network.emulateNetworkConditions", {
      offline,
      latency: 0,
      downloadThroughput: bytesPerSecond,
      uploadThroughput: bytesPerSecond,
    });
  };
  return {
    origins: () => [...origins],
    slow: (bytesPerSecond) => set(false, bytesPerSecond),
    cut: () => set(true, unlimited),
    restore: () => set(false, unlimited),
  };
}
