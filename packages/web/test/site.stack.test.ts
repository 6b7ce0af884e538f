import { afterAll, beforeAll, expect, test } from "vitest";
import { text } from "../src/text.ts";
import { signIn } from "./support/app.ts";
import { type OtherStage, openOtherStage } from "./support/other-stage.ts";
import { arrive, enter, stack } from "./support/visitor.ts";

let other: OtherStage;
beforeAll(async () => {
  other = await openOtherStage(stack, "/elsewhere/v7");
});
afterAll(() => other.close());

const mostKilobytes = 150;

test("[A3.1] [C10.4] the page is static files that a person's browser loads from the stack alone, with less than 150 KB of compressed JavaScript until one can work", async () => {
  const { page } = await enter();
  await page.goto("/");
  await page.getByRole("button", { name: text.convert.choose }).waitFor();
  await page.waitForLoadState("networkidle");
  const scripts = await page.evaluate(() =>
    performance
      .getEntriesByType("resource")
      .filter((entry) => entry instanceof PerformanceResourceTiming)
      .filter(({ name }) => new URL(name).pathname.endsWith(".js"))
      .map(({ name, encodedBodySize }) => ({ name, encodedBodySize })),
  );
  expect(scripts.length).toBeGreaterThan(0);
  const kilobytes = scripts.reduce((sum, { encodedBodySize }) => sum + encodedBodySize, 0) / 1024;
  expect(kilobytes).toBeGreaterThan(10);
  expect(kilobytes).toBeLessThan(mostKilobytes);
  for (const { name } of scripts) {
    const { headers } = await fetch(name);
    expect(headers.get("cache-control"), name).toContain("immutable");
  }
});

test("[A3.3] [A3.5] [C10.3] the very same files behind HTTPS find the API where their stage's configuration says, and speak to it by HTTPS alone", async () => {
  const { page, name } = await arrive({ baseURL: other.url, ignoreHTTPSErrors: true });
  const calls: string[] = [];
  page.on("request", (request) => calls.push(request.url()));
  await signIn(page, name);
  await page.getByRole("link", { name: text.nav.history, exact: true }).click();
  await page.getByText(text.history.empty).waitFor();
  expect(other.asked.some((path) => path.startsWith("/jobs"))).toBe(true);
  expect(calls.filter((url) => url.startsWith(stack.apiUrl))).toEqual([]);
});

test("[C10.5] no token is in any address, nor in a storage that outlives the session", async () => {
  const { page } = await enter();
  const addresses: string[] = [];
  page.on("request", (request) => addresses.push(request.url()));
  await page.reload();
  for (const link of [text.nav.history, text.nav.account, text.nav.convert])
    await page.getByRole("link", { name: link, exact: true }).click();
  await page.waitForLoadState("networkidle");
  const kept = await page.evaluate(async () => {
    const databases = (await indexedDB.databases()).map(({ name }) => name);
    return JSON.stringify([{ ...localStorage }, document.cookie, databases]);
  });
  // How every JSON Web Token begins.
  expect(addresses.filter((url) => url.includes("eyJ"))).toEqual([]);
  expect(kept).not.toContain("eyJ");
});
