import type { Sql } from "postgres";

type Node = {
  "Node Type": string;
  "Relation Name"?: string;
  "Index Name"?: string;
  "Actual Rows": number;
  "Actual Loops": number;
  "Rows Removed by Filter"?: number;
  Plans?: Node[];
};

export type Plan = {
  /** Tables that were read from one end to the other. */
  scanned: string[];
  indexes: string[];
  /** Rows that were looked at, wanted or not. */
  rowsTouched: number;
};

/** How Postgres goes about a statement with these parameters; what it changes is undone. */
export async function planOf(sql: Sql, text: string, parameters: (string | null)[] = []): Promise<Plan> {
  const undo = new Error("undo");
  let nodes: Node[] = [];
  await sql
    .begin(async (tx) => {
      const [row] = await tx.unsafe(`explain (analyze, timing off, format json) ${filled(text, parameters)}`);
      nodes = flat(row?.["QUERY PLAN"][0].Plan);
      throw undo;
    })
    .catch((error: unknown) => {
      if (error !== undo) throw error;
    });
  return {
    scanned: nodes
      .filter((node) => node["Node Type"] === "Seq Scan")
      .map((node) => node["Relation Name"] ?? ""),
    indexes: nodes.flatMap((node) => (node["Index Name"] ? [node["Index Name"]] : [])).sort(),
    rowsTouched: nodes
      .filter((node) => node["Node Type"].includes("Scan"))
      .reduce(
        (sum, node) =>
          sum + (node["Actual Rows"] + (node["Rows Removed by Filter"] ?? 0)) * node["Actual Loops"],
        0,
      ),
  };
}

function flat(node: Node): Node[] {
  return [node, ...(node.Plans ?? []).flatMap(flat)];
}

/** Its parameters written out, each as a literal whose type Postgres finds as it found the parameter's. */
function filled(text: string, parameters: (string | null)[]): string {
  return text.replaceAll(/\$(\d+)/g, (_, place) => {
    const value = parameters[Number(place) - 1];
    return value === null || value === undefined ? "null" : `'${value.replaceAll("'", "''")}'`;
  });
}
