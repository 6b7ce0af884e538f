import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { expect, test } from "vitest";
import { drawArchitecture } from "../../scripts/architecture.ts";
import { synthesized } from "./synthesized.ts";

const page = resolve(import.meta.dirname, "../../docs/architecture.md");
const drawn = drawArchitecture(synthesized("production").resources);

test("docs/architecture.md shows what production is synthesized to: `pnpm stacks:docs` draws it anew", async () => {
  const [before = "", after = ""] = readFileSync(page, "utf8").split(/```mermaid\n[^`]*```/);
  await expect(`${before}\`\`\`mermaid\n${drawn}\`\`\`${after}`).toMatchFileSnapshot(page);
});

test("the picture has who starts what and who touches what", () => {
  for (const arrow of [
    'cdn -->|"/"| s3_site',
    'cdn -->|"/api/*"| api',
    'cdn -->|"/api/jobs/*/events"| stream_job',
    'api -->|"routes"| handlers',
    'table -->|"stream"| cleanup',
    'convert -->|"reads"| s3_uploads',
    'sweep_due -->|"what failed"| failures',
  ]) {
    expect(drawn).toContain(arrow);
  }
});
