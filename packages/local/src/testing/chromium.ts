import { existsSync } from "node:fs";
import { arch, platform } from "node:os";
import { type Browser, type BrowserServer, chromium } from "playwright-core";
import { readSettings } from "../settings.ts";
import { unpackedChromium } from "./unpacked-chromium.ts";

const usualPlaces = [
  "/usr/bin/chromium",
  "/usr/bin/google-chrome",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
];

// Containers often have no user namespaces, a small /dev/shm and no graphics card.
const usualArgs = ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu", "--mute-audio"];

/** Where the environment says nothing of characters, Chromium finds no dropped file whose name is not plain ASCII. */
const inUtf8 = { LC_ALL: "C.UTF-8" };

/** A Chromium for benchmarks and pictures; pages of one browser share nothing if each has a context of its own. */
export async function launchChromium(): Promise<Browser> {
  const { remove, ...found } = await findChromium();
  const browser = await chromium.launch(found);
  return browser.on("disconnected", remove);
}

/** The same for several processes, which `chromium.connect` to its `wsEndpoint()`. */
export async function serveChromium(): Promise<BrowserServer> {
  const { remove, ...found } = await findChromium();
  const server = await chromium.launchServer({ ...found, host: "127.0.0.1" });
  return server.on("close", remove);
}

/**
 * The one that `CHROME_PATH` names, else the system's, else the one that npm brought, so that tests need nothing
 * installed.
 * @throws Error where there is none for this machine
 */
async function findChromium() {
  const { chromePath } = readSettings();
  const executablePath = chromePath ?? usualPlaces.find((path) => existsSync(path));
  if (executablePath) {
    const env = { ...process.env, ...inUtf8 };
    return { executablePath, args: usualArgs, env, remove: () => undefined };
  }
  if (platform() === "linux" && arch() === "x64") {
    const { args, env, ...unpacked } = await unpackedChromium();
    return { ...unpacked, args: [...usualArgs, ...args], env: { ...env, ...inUtf8 } };
  }
  throw new Error("There is no Chromium here: install one, or name it in CHROME_PATH");
}
