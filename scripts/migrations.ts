// Packs the SQL of packages/core/migrations into a module, so that functions carry it; with --check only says whether
// it is up to date.
import { globSync, readFileSync, writeFileSync } from "node:fs";
import { basename } from "node:path";

const target = "packages/core/src/database/migrations.gen.ts";
const migrations = globSync("packages/core/migrations/*.sql")
  .sort()
  .map((file) => ({ name: basename(file, ".sql"), text: readFileSync(file, "utf8") }));
const wanted = `// Made by \`node scripts/migrations.ts\` from packages/core/migrations.
import type { Migration } from "./migrate.ts";

export const migrations: readonly Migration[] = ${JSON.stringify(migrations, null, 2)};
`;

if (!process.argv.includes("--check")) {
  writeFileSync(target, wanted);
} else if (readFileSync(target, "utf8") !== wanted) {
  console.error(`${target} is not what the SQL files say: run \`node scripts/migrations.ts\``);
  process.exit(1);
}
