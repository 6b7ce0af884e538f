// `pnpm screenshots FOLDER` takes a picture of every page and state, in three widths and two themes.
import { mkdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import { createClient } from "@t2m/client/client";
import { startStack } from "@t2m/local/stack";
import { launchChromium } from "@t2m/local/testing/chromium";
import { themes, wear, widthsPx } from "./support/looks.ts";
import { openFolder } from "./support/media.ts";
import { networkOf } from "./support/network.ts";
import { tours } from "./support/tour.ts";

const [, , target, only] = process.argv;
if (!target) {
  console.error("Say where to: pnpm screenshots FOLDER [TOUR]");
  process.exit(2);
}
const pictures = resolve(target);
await mkdir(pictures, { recursive: true });
const state = await openFolder();
const media = await openFolder();
const stack = await startStack({ directory: state.path, mode: "test", hasPage: true, hasPostgres: true });
const browser = await launchChromium();
try {
  const { url: databaseUrl = "" } = (await stack.database) ?? {};
  const context = await browser.newContext({ baseURL: stack.url });
  const page = await context.newPage();
  await page.goto("/");
  const name = "Ada Lovelace";
  const client = createClient({ baseUrl: stack.apiUrl, token: await stack.tokenFor(name) });
  const guide = { page, network: await networkOf(page), client, name, folder: media.path, databaseUrl };
  for (const [called, tour] of Object.entries(tours)) {
    if (only && only !== called) continue;
    for await (const state of tour(guide)) {
      for (const theme of themes) {
        for (const widthPx of widthsPx) {
          await wear(page, theme, widthPx);
          const file = `${state.replace(/\W+/g, "-")}.${theme}.${widthPx}.png`;
          await page.screenshot({ path: join(pictures, file), fullPage: true });
        }
      }
      console.log(state);
    }
  }
} finally {
  await browser.close();
  await stack.stop();
  await Promise.all([state.remove(), media.remove()]);
}
