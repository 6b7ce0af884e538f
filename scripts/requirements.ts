// Writes docs/requirements.md: every criterion with the tests whose titles carry its id. `--check` fails on drift.
import { globSync, readFileSync, writeFileSync } from "node:fs";

const target = "docs/requirements.md";
/** What the product must meet: C the audio converter, V the video platform, A the ad agency. */
const promises: Record<string, string> = JSON.parse(readFileSync("scripts/criteria.json", "utf8"));
const criteria = Object.entries(promises).map(([id, promise]) => ({ id, promise }));
const titles =
  /\b(?:test|it)(?:\.each\([^)]*\)|\.skipIf\([^)]*\))?\(\s*(["'`])((?:\[[A-Z0-9., –-]+\]\s*)+.*?)\1/gs;

type Proof = { title: string; file: string };

function collectProofs(): Map<string, Proof[]> {
  const proofs = new Map<string, Proof[]>();
  for (const file of globSync("{packages,stacks,scripts}/**/*.test.ts", {
    exclude: (name) => name === "node_modules",
  }).sort()) {
    for (const [, , title = ""] of readFileSync(file, "utf8").matchAll(titles)) {
      for (const [, id = ""] of title.matchAll(/\b([CVA][0-9DG]+\.\d+)\b/g)) {
        proofs.set(id, [...(proofs.get(id) ?? []), { title, file }]);
      }
    }
  }
  return proofs;
}

function render(proofs: Map<string, Proof[]>): string {
  const unknown = [...proofs.keys()].filter((id) => !criteria.some((criterion) => criterion.id === id));
  if (unknown.length > 0) throw new Error(`Tests name criteria that do not exist: ${unknown.join(", ")}`);
  const open = criteria.filter(({ id }) => !proofs.has(id));
  const met = criteria.filter(({ id }) => proofs.has(id));
  const lines = [
    "# Requirements",
    "",
    "Made by `pnpm requirements` from the titles of the tests. A criterion is met when a test that carries its id runs the real thing and passes.",
    "",
    `## Not proven yet (${open.length})`,
    "",
    ...open.map(({ id, promise }) => `- **${id}** ${promise}`),
    "",
    `## Proven (${met.length})`,
    "",
    "| id | promise | tests |",
    "|---|---|---|",
    ...met.map(({ id, promise }) => {
      const tests = (proofs.get(id) ?? []).map(({ title, file }) => {
        const guarantee = title.replace(/\[[^\]]*\]\s*/g, "").replaceAll("|", "\\|");
        return `${guarantee} ([${file.split("/").at(-1)}](../${file}))`;
      });
      return `| ${id} | ${promise} | ${tests.join("<br>")} |`;
    }),
    "",
  ];
  return lines.join("\n");
}

const text = render(collectProofs());
if (!process.argv.includes("--check")) {
  writeFileSync(target, text);
} else if (readFileSync(target, "utf8") !== text) {
  console.error(`${target} is not what the tests' titles say: run \`pnpm requirements\`.`);
  process.exit(1);
}
