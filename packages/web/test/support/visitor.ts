import { randomUUID } from "node:crypto";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Client, createClient } from "@t2m/client/client";
import type { Upload } from "@t2m/contract/uploads";
import { until } from "@t2m/local/processes/wait";
import { sharedStack } from "@t2m/local/testing";
import { sharedBrowser } from "@t2m/local/testing/browser";
import type { BrowserContextOptions, Page } from "playwright-core";
import { expect, onTestFinished } from "vitest";
import { signIn } from "./app.ts";
import { type Network, networkOf } from "./network.ts";
import { type Watch, watched } from "./watch.ts";

export const stack = sharedStack();

/** Somebody new, with a browser profile of their own. */
export type Visitor = {
  name: string;
  page: Page;
  network: Network;
  /** The same person by the API, to compare with what the page shows. */
  client: Client;
  /** Their newest upload, once there is one. */
  newestUpload: () => Promise<Upload>;
} & Pick<Watch, "tolerate" | "dialogs">;

// Two cores may have much else to do.
const waitMs = 120_000;

/**
 * A person who has just opened the page, signed out. When the test ends, it fails if the browser complained of
 * anything meanwhile: errors in its console, uncaught exceptions, breaches of the Content-Security-Policy, requests
 * to anybody but the stack and its S3.
 */
export async function arrive(options: BrowserContextOptions = {}): Promise<Visitor> {
  const browser = await sharedBrowser();
  const context = await browser.newContext({ baseURL: stack.url, reducedMotion: "reduce", ...options });
  context.setDefaultTimeout(waitMs);
  const watch = await watched(context);
  const page = await context.newPage();
  const network = await networkOf(page);
  const name = `web ${randomUUID().slice(0, 8)}`;
  const client = createClient({ baseUrl: stack.apiUrl, token: await stack.tokenFor(name) });
  onTestFinished(async ({ task }) => {
    if (task.result?.state === "fail") await keepPicture(page, task.name);
    const homes = [options.baseURL ?? stack.url, stack.url, stack.s3.endpoint];
    const strangers = network
      .origins()
      .filter((origin) => !homes.some((url) => new URL(url).origin === origin));
    await context.close();
    expect(strangers, "whom the page has spoken to beside the stack and its S3").toEqual([]);
    expect(watch.problems(), "what the browser complained of").toEqual([]);
  });
  await page.goto("/");
  return {
    name,
    page,
    network,
    client,
    newestUpload: () =>
      until(
        "an upload begins",
        waitMs,
        async () => (await client.listUploads({ query: { limit: 1 } })).items[0],
      ),
    tolerate: watch.tolerate,
    dialogs: watch.dialogs,
  };
}

async function keepPicture(page: Page, title: string): Promise<void> {
  const path = join(tmpdir(), `t2m-${title.replace(/\W+/g, "-").slice(0, 80)}.png`);
  await page.screenshot({ path, fullPage: true });
  console.error(`The page as it was: ${path}`);
}

/** Somebody new who is signed in. */
export async function enter(options: BrowserContextOptions = {}): Promise<Visitor> {
  const visitor = await arrive(options);
  await signIn(visitor.page, visitor.name);
  return visitor;
}
