// Bundles every function into a folder, `<name>/index.mjs` each, as it is deployed: `node scripts/bundle.ts <folder>`.
import { rm } from "node:fs/promises";
import { bundleFunctions } from "@t2m/functions/bundle";

const [outputDirectory] = process.argv.slice(2);
if (!outputDirectory) throw new Error("Say into which folder");

const bundled = await bundleFunctions({ outputDirectory });
// Source maps would more than double what Lambda loads, and nothing there reads them.
await Promise.all(bundled.map(({ file }) => rm(`${file}.map`, { force: true })));
