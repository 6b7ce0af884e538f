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

const preface = [
  "# Benchmarks",
  "",
  "Made by `pnpm bench`, which writes the sections that it measures and leaves the others. Ratios are measured side by",
  "side in one run; only runs in which other processes used less than 12 % of a core count (the note says where none was",
  "quiet).",
].join("\n");

/** The report, a section measured anew in its old place, or at the end where it is new. */
export function updated(report: string, section: Section, measured: { on: string; machine: string }): string {
  const [, ...sections] = report.split(/^(?=## )/m);
  const text = rendered(section, measured);
  const place = sections.findIndex((one) => one.startsWith(`## ${section.title}\n`));
  const all = place < 0 ? [...sections, text] : sections.with(place, text);
  return `${[preface, ...all.map((one) => one.trim())].join("\n\n")}\n`;
}

/** A section as Markdown. */
export function rendered(
  { title, about, findings }: Section,
  { on, machine }: { on: string; machine: string },
): string {
  return [
    `## ${title}`,
    "",
    `${about} Measured on ${on} with ${machine}.`,
    "",
    "| measured | result | goal | met | note |",
    "|---|---|---|---|---|",
    ...findings.map((finding) => {
      const met = finding.goal ? (isMet(finding) ? "yes" : "**no**") : "";
      return `| ${finding.what} | ${show(finding)} | ${goalOf(finding)} | ${met} | ${finding.note ?? ""} |`;
    }),
  ].join("\n");
}
