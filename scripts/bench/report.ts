/** One line of the benchmark report: what was measured, how it came out and what it should be. */
export type Finding = {
  what: string;
  value: number;
  unit: "×" | "MB" | "KB" | "ms" | "s" | "writes" | "";
  goal?: { atMost?: number; atLeast?: number };
  note?: string;
};

export type Section = { title: string; about: string; findings: Finding[] };

/** Whether a finding meets its goal; true where it has none. */
export function isMet({ value, goal }: Finding): boolean {
  return !(value > (goal?.atMost ?? Infinity)) && !(value < (goal?.atLeast ?? -Infinity));
}

const digits = { "×": 3, MB: 0, KB: 1, ms: 1, s: 2, writes: 0, "": 2 } as const;

function show({ value, unit }: Finding): string {
  if (!Number.isFinite(value)) return "not measured";
  return unit === "×" ? `${value.toFixed(digits[unit])} ×` : `${value.toFixed(digits[unit])} ${unit}`.trim();
}

function goalOf({ goal }: Finding): string {
  if (goal?.atMost !== undefined) return `≤ ${goal.atMost}`;
  if (goal?.atLeast !== undefined) return `≥ ${goal.atLeast}`;
  return "";
}

/** The report as Markdown, a table per section. */
export function render(sections: readonly Section[], machine: string): string {
  const lines = [
    "# Benchmarks",
    "",
    `Made by \`pnpm bench\` on ${machine}. Ratios are measured side by side in one run; only runs in which other`,
    "processes used less than 12 % of a core count (the note says where none was quiet).",
    "",
  ];
  for (const { title, about, findings } of sections) {
    lines.push(
      `## ${title}`,
      "",
      about,
      "",
      "| measured | result | goal | met | note |",
      "|---|---|---|---|---|",
    );
    for (const finding of findings) {
      const met = finding.goal ? (isMet(finding) ? "yes" : "**no**") : "";
      lines.push(
        `| ${finding.what} | ${show(finding)} | ${goalOf(finding)} | ${met} | ${finding.note ?? ""} |`,
      );
    }
    lines.push("");
  }
  return lines.join("\n");
}
