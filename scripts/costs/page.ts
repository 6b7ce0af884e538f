import { alwaysFree, atRest } from "./at-rest.ts";
import { ofConversions, perConversion } from "./conversions.ts";
import { type Line, type Prices, type Resource, total } from "./prices.ts";

type Stages = Record<string, readonly Resource[]>;

/** docs/costs.md, whole: what stages cost in a month, from their synthesized resources and list prices. */
export function renderCosts(stages: Stages, prices: Prices): string {
  const use = (count: number) => table(stages, (resources) => ofConversions(count, resources, prices));
  return [
    "# Costs",
    "",
    "Made by `pnpm stacks:docs` from the resources that each stage is synthesized to and from `stacks/prices.json`: US",
    `dollars a month in ${prices.region}, list prices as of ${prices.asOf}. ${prices.note}`,
    "The stages are as the tests set them (`stacks/test/synth/stages.ts`); each setting that costs is said in `stacks/config.ts`.",
    "",
    "## At rest",
    "",
    ...table(stages, (resources) => atRest(resources, prices)),
    ...aloneRow(Object.values(stages), prices),
    "",
    "The last row leaves out what CloudWatch gives every account for ever: ten alarms and three dashboards. A key's price grows",
    "by a dollar with each of its first two yearly turns. `dev` keeps no record, as is usual; `qa` is the same with",
    "`T2M_RECORD=on`.",
    "",
    "## 1,000 conversions add",
    "",
    ...use(1_000),
    "",
    "## 1,000,000 conversions add",
    "",
    ...use(1_000_000),
    "",
    ...assumptions(),
    ...sources(prices),
  ].join("\n");
}

/** A row a line, a column a stage; what no stage pays for is left out. */
function table(stages: Stages, of: (resources: readonly Resource[]) => Line[]): string[] {
  const names = Object.keys(stages);
  const columns = Object.values(stages).map((resources) => of(resources));
  const amount = (lines: Line[], what: string) => lines.find((line) => line.what === what)?.usd ?? 0;
  const rows = (columns[0] ?? [])
    .map(({ what }) => what)
    .filter((what) => columns.some((lines) => amount(lines, what) > 0));
  return [
    `| | ${names.join(" | ")} |`,
    `|---|${names.map(() => "---:|").join("")}`,
    ...rows.map(
      (what) => `| ${what} | ${columns.map((lines) => dollars(amount(lines, what))).join(" | ")} |`,
    ),
    `| **together** | ${columns.map((lines) => `**${dollars(total(lines))}**`).join(" | ")} |`,
  ];
}

function assumptions(): string[] {
  return [
    "## What one conversion is taken for",
    "",
    "A song of ten minutes as WAV becomes an MP3. Nothing of it is measured on AWS; change it in",
    "`scripts/costs/conversions.ts`.",
    "",
    ...Object.entries(perConversion).map(([name, value]) => `- ${name}: ${value}`),
    "",
  ];
}

function sources(prices: Prices): string[] {
  const pages = [...new Set(Object.values(prices.usd).map(({ source }) => source))];
  return [
    "Prices are from:",
    "",
    ...pages.map((page) => `- <${page}>`),
    "",
    "Read again elsewhere, as AWS's pages fill in their prices by script:",
    "",
    ...checks(prices),
    "",
  ];
}

/** By who was asked: which prices, and when. */
function checks({ usd }: Prices): string[] {
  const read = Object.entries(usd).flatMap(([name, { checked }]) =>
    checked ? [{ name, by: `<${checked.by}> (${checked.at})` }] : [],
  );
  const asked = Object.entries(Object.groupBy(read, ({ by }) => by));
  return asked.map(([by, found = []]) => `- ${found.map(({ name }) => name).join(", ")}: ${by}`);
}

function aloneRow(stages: (readonly Resource[])[], prices: Prices): string[] {
  const sums = stages.map((resources) => dollars(total(alwaysFree(atRest(resources, prices), prices))));
  return [`| the only stage of an account | ${sums.join(" | ")} |`];
}

function dollars(usd: number): string {
  if (usd > 0 && usd < 0.01) return "< 0.01";
  return usd.toLocaleString("en-US", { minimumFractionDigits: 2, maximumFractionDigits: 2 });
}
