import type { Statement } from "@t2m/local/testing/wire-tap";
import type { Sql } from "postgres";

type Node = {
  "Node Type": string;
  "Relation Name"?: string;
  "Index Name"?: string;
  "Actual Rows"?: number;
  "Actual Loops"?: number;
  "Rows Removed by Filter"?: number;
  "Rows Removed by Index Recheck"?: number;
  Plans?: Node[];
};

export type Plan = {
  text: string;
  /** Tables that were read from one end to the other. */
  scanned: string[];
  indexes: string[];
  /** Rows that were looked at, wanted or not. */
  rowsTouched: number;
};

const isQuery = /^\s*(select|with|insert|update|delete)/i;

/** How Postgres goes about these statements, each kind of them once; what they change is undone. */
export async function plansOf(sql: Sql, statements: readonly Statement[]): Promise<Plan[]> {
  const kinds = new Map(statements.map((statement) => [statement.text, statement]));
  const plans: Plan[] = [];
  for (const { text, parameters } of kinds.values()) {
    if (isQuery.test(text)) plans.push(await planOf(sql, text, parameters));
  }
  return plans;
}

async function planOf(sql: Sql, text: string, parameters: readonly (string | null)[]): Promise<Plan> {
  const query = filled(text, parameters);
  // A row that is there by now cannot be put there again; then nothing but the plan is known.
  const nodes =
    (await explained(sql, `explain (analyze, timing off, format json) ${query}`)) ??
    (await explained(sql, `explain (format json) ${query}`)) ??
    [];
  // What an index finds for a bitmap is looked at by the scan of that bitmap.
  const scans = nodes.filter(
    (node) => /Scan$/.test(node["Node Type"]) && !node["Node Type"].startsWith("Bitmap Index"),
  );
  return {
    text,
    scanned: nodes
      .filter((node) => node["Node Type"] === "Seq Scan")
      .map((node) => node["Relation Name"] ?? ""),
    indexes: nodes.flatMap((node) => (node["Index Name"] ? [node["Index Name"]] : [])).sort(),
    rowsTouched: scans.reduce((sum, node) => sum + touchedBy(node), 0),
  };
}

/** The plan's nodes; undefined where the statement meets a row that is there. */
async function explained(sql: Sql, text: string): Promise<Node[] | undefined> {
  const undo = new Error("undo");
  let nodes: Node[] | undefined;
  await sql
    .begin(async (tx) => {
      const [row] = await tx.unsafe(text);
      nodes = flat(row?.["QUERY PLAN"][0].Plan);
      throw undo;
    })
    .catch((error: { code?: string }) => {
      if (error !== undo && error.code !== "23505") throw error;
    });
  return nodes;
}

function touchedBy(node: Node): number {
  const unwanted = (node["Rows Removed by Filter"] ?? 0) + (node["Rows Removed by Index Recheck"] ?? 0);
  return ((node["Actual Rows"] ?? 0) + unwanted) * (node["Actual Loops"] ?? 0);
}

function flat(node: Node): Node[] {
  return [node, ...(node.Plans ?? []).flatMap(flat)];
}

/** Its parameters written out, each as a literal whose type Postgres finds as it found the parameter's. */
function filled(text: string, parameters: readonly (string | null)[]): string {
  return text.replaceAll(/\$(\d+)/g, (_, place) => {
    const value = parameters[Number(place) - 1];
    return value === null || value === undefined ? "null" : `'${value.replaceAll("'", "''")}'`;
  });
}
