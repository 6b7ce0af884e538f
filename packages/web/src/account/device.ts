import { recordText } from "../text-record.ts";

// In the order in which they have to be looked for: later ones also name earlier ones.
const programs = [
  [/\bEdg(e|A|iOS)?\//, "Edge"],
  [/\bOPR\//, "Opera"],
  [/\b(Firefox|FxiOS)\//, "Firefox"],
  [/\b(Headless)?Chrom(e|ium)\/|\bCriOS\//, "Chrome"],
  [/\bSafari\//, "Safari"],
  [/^(node|undici)\b/i, "Node.js"],
  [/^curl\//, "curl"],
] as const;
const systems = [
  [/\b(iPhone|iPad)\b/, "iOS"],
  [/\bAndroid\b/, "Android"],
  [/\bWindows\b/, "Windows"],
  [/\bMac OS X\b/, "macOS"],
  [/\bCrOS\b/, "ChromeOS"],
  [/\bLinux\b/, "Linux"],
] as const;

/** "Firefox on Linux"; a program that nobody knows is told as it calls itself. */
export function deviceText(userAgent = ""): string {
  const program = programs.find(([pattern]) => pattern.test(userAgent))?.[1];
  const system = systems.find(([pattern]) => pattern.test(userAgent))?.[1];
  if (program && system) return recordText.account.device(program, system);
  return program ?? system ?? (userAgent.slice(0, 60) || recordText.account.unknownDevice);
}
