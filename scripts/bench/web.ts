import { mkdtemp, open, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { startStack } from "@t2m/local/stack";
import { launchChromium } from "@t2m/local/testing/chromium";
import type { Browser, Page } from "playwright-core";
import { quantile, watched } from "./quiet.ts";
import type { Finding, Section } from "./report.ts";

const rounds = 3;
const rows = 200;
/** The measurement goes on until so many of them have moved, and for at least `seconds`. */
const moving = 50;
/** One part each: as many are on their way at once as the browser has connections for. */
const fileBytes = 8 * 1024 ** 2;
const lineBytesPerSecond = 60_000_000;
const seconds = 10;
/** What a browser calls a long task: https://www.w3.org/TR/longtasks-1/ */
const longMs = 50;

declare global {
  interface Window {
    t2mLongTasks?: number[];
    t2mMoved?: Set<string>;
  }
}

/** The page in a browser: what it weighs, and how long it keeps the browser's main thread while much is moving. */
export async function measure(): Promise<Section> {
  const directory = await mkdtemp(join(tmpdir(), "t2m-bench-web-"));
  const stack = await startStack({ directory, mode: "test", hasPage: true });
  const browser = await launchChromium();
  try {
    const files = await makeFiles(directory);
    let weights: Finding[] = [];
    const results: { round: Round; quiet: boolean }[] = [];
    for (let count = 1; count <= rounds; count++) {
      const page = await openPage(browser, stack.url, `bench ${count}`);
      weights = await weigh(page);
      let round: Round | undefined;
      const { quiet } = await watched(async () => {
        round = await busyness(page, files);
      });
      if (round) results.push({ round, quiet });
      await page.context().close();
    }
    return {
      title: "The page",
      about: `${rows} files of 8 MiB dropped at once on a line of ${lineBytesPerSecond / 1e6} MB/s; long tasks (over ${longMs} ms) of the browser's main thread are counted until all rows are there, and from then on until ${moving} uploads have moved, for at least ${seconds} s; medians of ${rounds} rounds. Sizes are gzip's.`,
      findings: [...weights, ...findingsOf(results)],
    };
  } finally {
    await browser.close();
    await stack.stop();
    await rm(directory, { recursive: true, force: true });
  }
}

/** Somebody new, signed in. */
async function openPage(browser: Browser, baseURL: string, name: string): Promise<Page> {
  const context = await browser.newContext({ baseURL, viewport: { width: 1440, height: 900 } });
  const page = await context.newPage();
  await page.goto("/");
  await page.getByRole("button", { name: "Sign in" }).first().click();
  await page.getByLabel("Your name").fill(name);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.locator("input[type=file]").first().waitFor({ state: "attached" });
  return page;
}

/** What the first load brings. */
async function weigh(page: Page): Promise<Finding[]> {
  await page.goto("/");
  await page.waitForLoadState("networkidle");
  const loaded = await page.evaluate(() =>
    performance
      .getEntriesByType("resource")
      .filter((entry) => entry instanceof PerformanceResourceTiming)
      .map(({ name, encodedBodySize }) => ({ path: new URL(name).pathname, bytes: encodedBodySize })),
  );
  const kilobytes = (extension: string) =>
    loaded.filter(({ path }) => path.endsWith(extension)).reduce((sum, { bytes }) => sum + bytes, 0) / 1024;
  return [
    { what: "JavaScript of the first load", value: kilobytes(".js"), unit: "KB", goal: { atMost: 150 } },
    { what: "style sheets of the first load", value: kilobytes(".css"), unit: "KB" },
  ];
}

/** Files without content, which take no room on the disk. */
async function makeFiles(directory: string): Promise<string[]> {
  return Promise.all(
    Array.from({ length: rows }, async (_, index) => {
      const path = join(directory, `Take ${String(index + 1).padStart(3, "0")}.wav`);
      const file = await open(path, "w");
      await file.truncate(fileBytes);
      await file.close();
      return path;
    }),
  );
}

/** Long tasks while rows are added and while they move, in ms. */
type Round = { adding: number[]; working: number[]; moved: number; tookSeconds: number };

async function busyness(page: Page, files: string[]): Promise<Round> {
  const session = await page.context().newCDPSession(page);
  await session.send("Network.enable");
  await session.send("Network.emulateNetworkConditions", {
    offline: false,
    latency: 0,
    downloadThroughput: -1,
    uploadThroughput: lineBytesPerSecond,
  });
  await observe(page);
  const data = { items: [], files, dragOperationsMask: 1 };
  for (const type of ["dragEnter", "dragOver", "drop"] as const)
    await session.send("Input.dispatchDragEvent", { type, x: 700, y: 400, data });
  await page.waitForFunction((all) => document.querySelectorAll("[data-phase]").length === all, rows);
  const adding = await takeTasks(page);
  await page.evaluate(() => window.t2mMoved?.clear());
  const began = performance.now();
  await page.waitForFunction((least) => (window.t2mMoved?.size ?? 0) >= least, moving, {
    polling: 500,
    timeout: 120_000,
  });
  await delay(Math.max(0, seconds * 1000 - (performance.now() - began)));
  const tookSeconds = (performance.now() - began) / 1000;
  const working = await takeTasks(page);
  const moved = await page.evaluate(() => window.t2mMoved?.size ?? 0);
  return { adding, working, moved, tookSeconds };
}

/** From now on the page counts its long tasks, and the uploads whose bars move. */
async function observe(page: Page): Promise<void> {
  await page.evaluate(() => {
    const tasks: number[] = [];
    window.t2mLongTasks = tasks;
    new PerformanceObserver((list) => {
      tasks.push(...list.getEntries().map(({ duration }) => duration));
    }).observe({ type: "longtask" });
    const moved = new Set<string>();
    window.t2mMoved = moved;
    new MutationObserver((changes) => {
      for (const { target } of changes) {
        const name = target instanceof Element ? target.getAttribute("aria-label") : null;
        if (name?.startsWith("Upload of ")) moved.add(name);
      }
    }).observe(document, { subtree: true, attributeFilter: ["aria-valuenow"] });
  });
}

function findingsOf(results: readonly { round: Round; quiet: boolean }[]): Finding[] {
  const quiet = results.filter((result) => result.quiet);
  const kept = (quiet.length > 0 ? quiet : results).map(({ round }) => round);
  const median = (value: (round: Round) => number) => quantile(kept.map(value), 0.5);
  const blockedMs = ({ working, tookSeconds }: Round) =>
    (working.reduce((sum, task) => sum + task - longMs, 0) * seconds) / tookSeconds;
  return [
    {
      what: `longest task while ${rows} rows are added`,
      value: median(({ adding }) => Math.max(0, ...adding)),
      unit: "ms",
      goal: { atMost: 200 },
      note: `${quiet.length} quiet rounds`,
    },
    {
      what: "uploads that moved after that",
      value: median(({ moved }) => moved),
      unit: "",
      goal: { atLeast: moving },
      note: `in ${median(({ tookSeconds }) => tookSeconds).toFixed(0)} s`,
    },
    {
      what: "longest task while they move",
      value: median(({ working }) => Math.max(0, ...working)),
      unit: "ms",
      goal: { atMost: 100 },
      note: `${median(({ working }) => working.length)} over ${longMs} ms`,
    },
    {
      what: `time blocked by long tasks meanwhile, in ${seconds} s`,
      value: median(blockedMs),
      unit: "ms",
      goal: { atMost: 500 },
    },
  ];
}

/** The long tasks since the last call, in ms. */
const takeTasks = (page: Page): Promise<number[]> =>
  page.evaluate(() => window.t2mLongTasks?.splice(0) ?? []);
