import { createServer } from "node:http";
import type { BrowserServer } from "playwright-core";
import type { TestProject } from "vitest/node";
import { serveChromium } from "./chromium.ts";
import { listen } from "./listen.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** Where a test file asks for the run's browser. */
    browserUrl: string;
  }
}

/**
 * Vitest's global setup for tests in a browser: one for all files, started when the first of them asks, since most
 * runs of a few files need none.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  let browser: Promise<BrowserServer> | undefined;
  const broker = createServer((_request, response) => {
    browser ??= serveChromium();
    browser.then(
      (server) => response.end(server.wsEndpoint()),
      (error: unknown) => response.writeHead(500).end(String(error)),
    );
  });
  const { url, stop } = await listen(broker);
  project.provide("browserUrl", url);
  return async () => {
    stop();
    await (await browser)?.close();
  };
}
