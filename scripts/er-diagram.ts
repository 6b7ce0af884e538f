// Writes the diagram in docs/data.md from the schema; with --check only says whether it is up to date.
import { globSync, readFileSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { getTableColumns, is } from "drizzle-orm";
import { getTableConfig, PgTable } from "drizzle-orm/pg-core";

const target = "docs/data.md";
const [begin, end] = ["<!-- made by scripts/er-diagram.ts -->", "<!-- end -->"];

async function tables(): Promise<PgTable[]> {
  const files = globSync("packages/core/src/database/schema/*.ts").sort();
  const modules: object[] = await Promise.all(files.map((file) => import(resolve(file))));
  return modules.flatMap((module) =>
    Object.values(module).filter((value): value is PgTable => is(value, PgTable)),
  );
}

/** Mermaid's form; `o|` where the reference may be absent, `o{` as any number may refer to one row. */
function diagram(all: readonly PgTable[]): string {
  const entities = all.flatMap((table) => {
    const { name, primaryKeys, foreignKeys } = getTableConfig(table);
    const keys = new Set(primaryKeys.flatMap(({ columns }) => columns.map((column) => column.name)));
    const references = new Set(
      foreignKeys.flatMap((key) => key.reference().columns.map((column) => column.name)),
    );
    const columns = Object.values(getTableColumns(table)).map((column) => {
      const marks = [
        ...(column.primary || keys.has(column.name) ? ["PK"] : []),
        ...(references.has(column.name) ? ["FK"] : []),
      ];
      const type = column
        .getSQLType()
        .replaceAll(/\s*\([^)]*\)/g, "")
        .replaceAll(" ", "_");
      return `    ${type} ${column.name}${marks.length > 0 ? ` ${marks.join(", ")}` : ""}`;
    });
    return [`  ${name} {`, ...columns, "  }"];
  });
  const relations = all.flatMap((table) =>
    getTableConfig(table).foreignKeys.map((key) => {
      const { columns, foreignTable } = key.reference();
      const isOptional = columns.some((column) => !column.notNull);
      const parent = getTableConfig(foreignTable).name;
      const label = `${columns.map((column) => column.name).join(", ")}: ${key.onDelete ?? "no action"}`;
      return `  ${parent} ${isOptional ? "|o" : "||"}--o{ ${getTableConfig(table).name} : "${label}"`;
    }),
  );
  return ["```mermaid", "erDiagram", ...relations, ...entities, "```"].join("\n");
}

const text = readFileSync(target, "utf8");
const [before = "", rest = ""] = text.split(begin);
const after = rest.split(end)[1] ?? "\n";
const wanted = `${before}${begin}\n${diagram(await tables())}\n${end}${after}`;
if (!process.argv.includes("--check")) {
  writeFileSync(target, wanted);
} else if (text !== wanted) {
  console.error(`${target} is not what the schema says: run \`node scripts/er-diagram.ts\``);
  process.exit(1);
}
