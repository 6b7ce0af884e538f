import { functions } from "@t2m/functions/manifest";
import { hoursPerMonth, type Line, type PriceOf, type Prices, priceOf, type Resource } from "./prices.ts";

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

type Month = { count: number; resources: readonly Resource[]; usd: PriceOf };
const one = perConversion;

/** What so many conversions in a month add. */
export function ofConversions(count: number, resources: readonly Resource[], prices: Prices): Line[] {
  const month = { count, resources, usd: priceOf(prices) };
  return [...ofFunctions(month), ...ofCalls(month), ...ofStorage(month), ...ofWatching(month)];
}

function ofFunctions({ count, usd }: Month): Line[] {
  const { memoryMb, diskMb } = functions.convert;
  const seconds = count * one.convertSeconds;
  const calls = count * one.calls;
  const handling = calls * (one.callMilliseconds / 1000) * 0.5 * usd("lambdaArmPerGbSecond");
  return [
    { what: "converting", usd: seconds * (memoryMb / 1024) * usd("lambdaX86PerGbSecond") },
    { what: "its disk", usd: seconds * ((diskMb - 512) / 1024) * usd("lambdaDiskPerGbSecond") },
    { what: "handlers", usd: handling + (calls / 1e6) * usd("lambdaPerMillionCalls") },
  ];
}

function ofCalls({ count, resources, usd }: Month): Line[] {
  const millions = (count * one.calls) / 1e6;
  const hasFirewall = has(resources, "aws:wafv2/webAcl:WebAcl");
  const cdn = usd("cdnPerMillionRequests") + usd("cdnPerMillionFunctions");
  const table =
    ((count * one.tableWrites) / 1e6) * usd("tablePerMillionWrites") +
    ((count * one.tableReads) / 1e6) * usd("tablePerMillionReads");
  return [
    { what: "API", usd: millions * usd("apiPerMillionCalls") },
    { what: "CDN", usd: millions * cdn },
    { what: "firewall", usd: hasFirewall ? millions * usd("firewallPerMillionRequests") : 0 },
    { what: "live table", usd: table },
  ];
}

function ofStorage({ count, resources, usd }: Month): Line[] {
  const gb = count * (one.sourceGb + one.outputGb);
  const storedDays = 1 + oldVersionsDays(resources);
  const storedGbMonths = (gb * storedDays * 24) / hoursPerMonth;
  const isReplicated = has(resources, "aws:s3/bucketReplicationConfig:BucketReplicationConfig");
  const requests =
    ((count * one.storagePuts) / 1e3) * usd("storagePerThousandPuts") +
    ((count * one.storageGets) / 1e3) * usd("storagePerThousandGets");
  return [
    { what: "storage: requests", usd: requests },
    {
      what: "storage: until its old versions are gone, in each region",
      usd: storedGbMonths * usd("storagePerGbMonth") * (isReplicated ? 2 : 1),
    },
    { what: "copies in the second region", usd: isReplicated ? gb * usd("replicationPerGb") : 0 },
    { what: "downloads", usd: count * one.downloads * one.outputGb * usd("storageOutPerGb") },
  ];
}

function ofWatching({ count, usd }: Month): Line[] {
  const touches = count * (one.storagePuts + one.storageGets);
  const traces = (count * one.calls * one.tracedShare) / 1e6;
  return [
    { what: "audit trail", usd: (touches / 1e6) * usd("trailPerMillionDataEvents") },
    { what: "logs", usd: ((count * one.logsKb) / 1e6) * usd("logsPerGb") },
    { what: "traces", usd: traces * usd("tracePerMillion") },
  ];
}

function has(resources: readonly Resource[], type: string): boolean {
  return resources.some((resource) => resource.type === type);
}

function oldVersionsDays(resources: readonly Resource[]): number {
  const days = /"noncurrentDays":(\d+)/.exec(JSON.stringify(resources))?.[1];
  return Number(days ?? 0);
}
