// `pnpm bench [section …]` measures and writes docs/benchmarks.md (all sections) or prints (some).
import { writeFileSync } from "node:fs";
import { cpus, totalmem } from "node:os";
import { render, type Section } from "./report.ts";

const sections: Record<string, () => Promise<{ measure(): Promise<Section> }>> = {
  conversion: () => import("./conversion.ts"),
  memory: () => import("./memory.ts"),
  upload: () => import("./upload.ts"),
  signing: () => import("./signing.ts"),
  bundles: () => import("./bundles.ts"),
  queue: () => import("./queue.ts"),
  record: () => import("./record.ts"),
  polling: () => import("./polling.ts"),
  latency: () => import("./latency.ts"),
  web: () => import("./web.ts"),
};

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !(name in sections));
if (unknown.length > 0) {
  console.error(`No such section: ${unknown.join(", ")}. There are ${Object.keys(sections).join(", ")}.`);
  process.exit(2);
}
const measured: Section[] = [];
for (const [name, load] of Object.entries(sections)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  console.error(`measuring ${name} …`);
  measured.push(await (await load()).measure());
}
const gib = Math.round(totalmem() / 1024 ** 3);
const text = render(measured, `${cpus().length} cores, ${gib} GiB, Node ${process.versions.node}`);
console.log(text);
if (wanted.length === 0) writeFileSync("docs/benchmarks.md", text);
