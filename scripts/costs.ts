// What a stage costs in a month, from its synthesized resources and list prices: `pnpm stacks:docs` writes docs/costs.md.
import { functions, schedules } from "@t2m/functions/manifest";

export type Resource = { type: string; inputs: Record<string, unknown> };
export type Prices = {
  asOf: string;
  region: string;
  note: string;
  /** `checked`: where, beside AWS's own page, it was read again, and when. */
  usd: Record<string, { price: number; source: string; checked?: { at: string; by: string } }>;
};
export type Line = { what: string; usd: number };

const hoursPerMonth = 730;
const minutesPerMonth = hoursPerMonth * 60;
const secondsPerMonth = minutesPerMonth * 60;

/** What is taken for one conversion: a song of ten minutes as WAV becomes an MP3. */
export const perConversion = {
  sourceGb: 0.1,
  outputGb: 0.01,
  /** The page's own 8 MiB. */
  parts: 13,
  /** Create, sign, record each part, complete, poll, list, sign the output. */
  calls: 40,
  callMilliseconds: 20,
  convertSeconds: 15,
  /** Units, items of more than 1 KB and transactions counted as DynamoDB does. */
  tableWrites: 90,
  tableReads: 60,
  storagePuts: 20,
  storageGets: 30,
  logsKb: 60,
  /** Of all calls, by X-Ray's own rule. */
  tracedShare: 0.05,
  /** Sources and outputs are gone after a day; their old versions are kept as long as the stage says. */
  downloads: 1,
};
/** What CloudWatch gives each account for nothing, and not only in its first year. */
const free = { alarms: 10, dashboards: 3 };

/** What is asked for, whether anybody comes or not. */
export function atRest(resources: readonly Resource[], prices: Prices): Line[] {
  const usd = priceOf(prices);
  const all = (type: string) =>
    resources.filter((resource) => resource.type === type).map(({ inputs }) => inputs);
  const count = (type: string) => all(type).length;
  const sum = <T>(items: readonly T[], each: (item: T) => number) =>
    items.reduce((total, item) => total + each(item), 0);

  const instances = all("aws:rds/instance:Instance");
  const copies = (instance: Record<string, unknown>) => (instance.multiAz ? 2 : 1);
  const endpoints = all("aws:ec2/vpcEndpoint:VpcEndpoint").filter(
    (each) => each.vpcEndpointType === "Interface",
  );
  const firewalls = all("aws:wafv2/webAcl:WebAcl");
  const metricsOf = (alarm: Record<string, unknown>) =>
    Array.isArray(alarm.metricQueries) ? alarm.metricQueries.length - 1 : 1;
  return [
    {
      what: "database instances",
      usd: sum(
        instances,
        (each) => copies(each) * hoursPerMonth * usd(`${String(each.instanceClass)}PerHour`),
      ),
    },
    {
      what: "database storage",
      usd: sum(
        instances,
        (each) => copies(each) * storageGb(each, instances) * usd("databaseStoragePerGbMonth"),
      ),
    },
    // It is asked for by the vCPUs of its instance, which are two in each class that we use.
    {
      what: "database proxy",
      usd: count("aws:rds/proxy:Proxy") * 2 * hoursPerMonth * usd("proxyPerVcpuHour"),
    },
    {
      what: "interface endpoints",
      usd: sum(
        endpoints,
        (each) => listOf(each.subnetIds).length * hoursPerMonth * usd("endpointPerZoneHour"),
      ),
    },
    // Only where a stage asks for it by T2M_NAT; nothing of ours needs it.
    {
      what: "NAT gateways (`T2M_NAT`)",
      usd: count("aws:ec2/natGateway:NatGateway") * hoursPerMonth * usd("natPerHour"),
    },
    { what: "public addresses", usd: count("aws:ec2/eip:Eip") * hoursPerMonth * usd("addressPerHour") },
    {
      what: "firewall",
      usd: sum(
        firewalls,
        ({ rules }) => usd("firewallPerMonth") + listOf(rules).length * usd("firewallRulePerMonth"),
      ),
    },
    { what: "keys", usd: count("aws:kms/key:Key") * usd("keyPerMonth") },
    { what: "secrets", usd: count("aws:secretsmanager/secret:Secret") * usd("secretPerMonth") },
    {
      what: "alarms",
      usd: sum(all("aws:cloudwatch/metricAlarm:MetricAlarm"), metricsOf) * usd("alarmPerMonth"),
    },
    { what: "dashboard", usd: count("aws:cloudwatch/dashboard:Dashboard") * usd("dashboardPerMonth") },
    { what: "sweeps", usd: sweeps(all("aws:scheduler/schedule:Schedule"), usd) },
  ];
}

/** The same lines where the stage is alone in its account: less of CloudWatch's. */
export function alwaysFree(lines: readonly Line[], prices: Prices): Line[] {
  const usd = priceOf(prices);
  const less: Record<string, number> = {
    alarms: free.alarms * usd("alarmPerMonth"),
    dashboard: free.dashboards * usd("dashboardPerMonth"),
  };
  return lines.map(({ what, usd: paid }) => ({ what, usd: Math.max(0, paid - (less[what] ?? 0)) }));
}

/** A replica has its source's. */
function storageGb(instance: Record<string, unknown>, all: readonly Record<string, unknown>[]): number {
  const own = instance.allocatedStorage ?? all.find((each) => each.allocatedStorage)?.allocatedStorage;
  return Number(own ?? 0);
}

/** Short functions by the clock, that look at the live table's eight shards. */
function sweeps(deployed: readonly Record<string, unknown>[], usd: (name: string) => number): number {
  const isDeployed = (name: string) =>
    deployed.some(({ target }) => JSON.stringify(target).includes(`t2m-${name}"`));
  const running = schedules.filter((schedule) => isDeployed(schedule.function));
  return running.reduce((total, { function: name, everyMinutes }) => {
    const runs = minutesPerMonth / everyMinutes;
    const gbSeconds = runs * 0.2 * (functions[name].memoryMb / 1024);
    const reads = runs * 8;
    return (
      total +
      gbSeconds * usd("lambdaArmPerGbSecond") +
      (runs / 1e6) * usd("lambdaPerMillionCalls") +
      (reads / 1e6) * usd("tablePerMillionReads")
    );
  }, 0);
}

/** What so many conversions in a month add. */
export function ofConversions(count: number, resources: readonly Resource[], prices: Prices): Line[] {
  const usd = priceOf(prices);
  const has = (type: string) => resources.some((resource) => resource.type === type);
  const one = perConversion;
  const { memoryMb, diskMb } = functions.convert;
  const convertSeconds = count * one.convertSeconds;
  const calls = count * one.calls;
  const millionCalls = calls / 1e6;
  const storedDays = 1 + oldVersionsDays(resources);
  const storedGb = (count * (one.sourceGb + one.outputGb) * storedDays * 24 * 3600) / secondsPerMonth;
  const touches = count * (one.storagePuts + one.storageGets);
  const isReplicated = has("aws:s3/bucketReplicationConfig:BucketReplicationConfig");
  return [
    { what: "converting", usd: convertSeconds * (memoryMb / 1024) * usd("lambdaX86PerGbSecond") },
    { what: "its disk", usd: convertSeconds * ((diskMb - 512) / 1024) * usd("lambdaDiskPerGbSecond") },
    {
      what: "handlers",
      usd:
        calls * (one.callMilliseconds / 1000) * 0.5 * usd("lambdaArmPerGbSecond") +
        millionCalls * usd("lambdaPerMillionCalls"),
    },
    { what: "API", usd: millionCalls * usd("apiPerMillionCalls") },
    {
      what: "CDN",
      usd: millionCalls * (usd("cdnPerMillionRequests") + usd("cdnPerMillionFunctions")),
    },
    {
      what: "firewall",
      usd: has("aws:wafv2/webAcl:WebAcl") ? millionCalls * usd("firewallPerMillionRequests") : 0,
    },
    {
      what: "live table",
      usd:
        ((count * one.tableWrites) / 1e6) * usd("tablePerMillionWrites") +
        ((count * one.tableReads) / 1e6) * usd("tablePerMillionReads"),
    },
    {
      what: "storage: requests",
      usd:
        ((count * one.storagePuts) / 1e3) * usd("storagePerThousandPuts") +
        ((count * one.storageGets) / 1e3) * usd("storagePerThousandGets"),
    },
    {
      what: "storage: until its old versions are gone, in each region",
      usd: storedGb * usd("storagePerGbMonth") * (isReplicated ? 2 : 1),
    },
    {
      what: "copies in the second region",
      usd: isReplicated ? count * (one.sourceGb + one.outputGb) * usd("replicationPerGb") : 0,
    },
    { what: "downloads", usd: count * one.downloads * one.outputGb * usd("storageOutPerGb") },
    { what: "audit trail", usd: (touches / 1e6) * usd("trailPerMillionDataEvents") },
    { what: "logs", usd: ((count * one.logsKb) / 1e6) * usd("logsPerGb") },
    { what: "traces", usd: millionCalls * one.tracedShare * usd("tracePerMillion") },
  ];
}

function oldVersionsDays(resources: readonly Resource[]): number {
  const days = /"noncurrentDays":(\d+)/.exec(JSON.stringify(resources))?.[1];
  return Number(days ?? 0);
}

function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

function priceOf({ usd }: Prices) {
  return (name: string): number => {
    const known = usd[name];
    if (!known) throw new Error(`stacks/prices.json does not know what ${name} is`);
    return known.price;
  };
}

export function total(lines: readonly Line[]): number {
  return lines.reduce((sum, { usd }) => sum + usd, 0);
}

/** docs/costs.md, whole. */
export function renderCosts(stages: Record<string, readonly Resource[]>, prices: Prices): string {
  const names = Object.keys(stages);
  const table = (of: (resources: readonly Resource[]) => Line[]) => {
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
  };
  const sources = [...new Set(Object.values(prices.usd).map(({ source }) => source))];
  return [
    "# Costs",
    "",
    "Made by `pnpm stacks:docs` from the resources that each stage is synthesized to and from `stacks/prices.json`: US",
    `dollars a month in ${prices.region}, list prices as of ${prices.asOf}. ${prices.note}`,
    "The stages are as the tests set them (`stacks/test/synth/stages.ts`); each setting that costs is said in `stacks/config.ts`.",
    "",
    "## At rest",
    "",
    ...table((resources) => atRest(resources, prices)),
    ...aloneRow(Object.values(stages), prices),
    "",
    "The last row leaves out what CloudWatch gives every account for ever: ten alarms and three dashboards. A key's price grows",
    "by a dollar with each of its first two yearly turns. `dev` keeps no record, as is usual; `qa` is the same with",
    "`T2M_RECORD=on`.",
    "",
    "## 1,000 conversions add",
    "",
    ...table((resources) => ofConversions(1_000, resources, prices)),
    "",
    "## 1,000,000 conversions add",
    "",
    ...table((resources) => ofConversions(1_000_000, resources, prices)),
    "",
    "## What one conversion is taken for",
    "",
    "A song of ten minutes as WAV becomes an MP3. Nothing of it is measured on AWS; change it in `scripts/costs.ts`.",
    "",
    ...Object.entries(perConversion).map(([name, value]) => `- ${name}: ${value}`),
    "",
    "Prices are from:",
    "",
    ...sources.map((source) => `- <${source}>`),
    "",
    "Read again elsewhere, as AWS's pages fill in their prices by script:",
    "",
    ...checks(prices),
    "",
  ].join("\n");
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
