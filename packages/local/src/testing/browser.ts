import { type Browser, chromium } from "playwright-core";
import { inject } from "vitest";
import type {} from "./browser-setup.ts";

let connected: Promise<Browser> | undefined;

/** The browser that all test files share. What a file opens in it closes with the file. */
export function sharedBrowser(): Promise<Browser> {
  connected ??= connect();
  return connected;
}

async function connect(): Promise<Browser> {
  const response = await fetch(inject("browserUrl"));
  const text = await response.text();
  if (!response.ok) throw new Error(text);
  return chromium.connect(text);
}
