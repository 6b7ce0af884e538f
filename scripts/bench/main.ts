// `pnpm bench [section …]` measures all or some sections, prints them and puts them into docs/benchmarks.md.
import { readFileSync, writeFileSync } from "node:fs";
import { cpus, totalmem } from "node:os";
import { rendered, type Section, updated } from "./report.ts";

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

const report = "docs/benchmarks.md";
const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !(name in sections));
if (unknown.length > 0) {
  console.error(`No such section: ${unknown.join(", ")}. There are ${Object.keys(sections).join(", ")}.`);
  process.exit(2);
}
const gib = Math.round(totalmem() / 1024 ** 3);
const machine = `${cpus().length} cores, ${gib} GiB, Node ${process.versions.node}`;
for (const [name, load] of Object.entries(sections)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  console.error(`measuring ${name} …`);
  const measured = { on: new Date().toISOString().slice(0, 10), machine };
  const section = await (await load()).measure();
  console.log(`${rendered(section, measured)}\n`);
  // After each, so that a run that is stopped keeps what it measured.
  writeFileSync(report, updated(readFileSync(report, "utf8"), section, measured));
}
