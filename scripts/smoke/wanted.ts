import type { ConversionRequestInput } from "@t2m/contract/presets";

/** What the smoke test's upload asks for; its beginning and its resumption must agree. */
export const conversions: ConversionRequestInput[] = [{ preset: "mp3", options: { bitrateKbps: 128 } }];
export const storeScope = "smoke";
