import { functions, schedules } from "@t2m/functions/manifest";
import { hoursPerMonth, type Line, type PriceOf, type Prices, priceOf, type Resource } from "./prices.ts";

const minutesPerMonth = hoursPerMonth * 60;

/** What CloudWatch gives each account for nothing, and not only in its first year. */
const free = { alarms: 10, dashboards: 3 };

type Inputs = Resource["inputs"];
type Stage = { all: (type: string) => Inputs[]; usd: PriceOf };

/** What is asked for, whether anybody comes or not. */
export function atRest(resources: readonly Resource[], prices: Prices): Line[] {
  const all = (type: string) =>
    resources.filter((resource) => resource.type === type).map(({ inputs }) => inputs);
  const stage = { all, usd: priceOf(prices) };
  return [...ofDatabase(stage), ...ofNetwork(stage), ...ofOperation(stage)];
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

function ofDatabase({ all, usd }: Stage): Line[] {
  const instances = all("aws:rds/instance:Instance");
  const copies = ({ multiAz }: Inputs) => (multiAz ? 2 : 1);
  const hourly = (each: Inputs) => hoursPerMonth * usd(`${String(each.instanceClass)}PerHour`);
  const stored = (each: Inputs) => storageGb(each, instances) * usd("databaseStoragePerGbMonth");
  const proxies = all("aws:rds/proxy:Proxy").length;
  return [
    { what: "database instances", usd: sum(instances, (each) => copies(each) * hourly(each)) },
    { what: "database storage", usd: sum(instances, (each) => copies(each) * stored(each)) },
    // It is asked for by the vCPUs of its instance, which are two in each class that we use.
    { what: "database proxy", usd: proxies * 2 * hoursPerMonth * usd("proxyPerVcpuHour") },
  ];
}

function ofNetwork({ all, usd }: Stage): Line[] {
  const endpoints = all("aws:ec2/vpcEndpoint:VpcEndpoint").filter(
    ({ vpcEndpointType }) => vpcEndpointType === "Interface",
  );
  const zones = sum(endpoints, ({ subnetIds }) => listOf(subnetIds).length);
  const gateways = all("aws:ec2/natGateway:NatGateway").length;
  const addresses = all("aws:ec2/eip:Eip").length;
  const firewall = ({ rules }: Inputs) =>
    usd("firewallPerMonth") + listOf(rules).length * usd("firewallRulePerMonth");
  return [
    { what: "interface endpoints", usd: zones * hoursPerMonth * usd("endpointPerZoneHour") },
    // Only where a stage asks for it by T2M_NAT; nothing of ours needs it.
    { what: "NAT gateways (`T2M_NAT`)", usd: gateways * hoursPerMonth * usd("natPerHour") },
    { what: "public addresses", usd: addresses * hoursPerMonth * usd("addressPerHour") },
    { what: "firewall", usd: sum(all("aws:wafv2/webAcl:WebAcl"), firewall) },
  ];
}

function ofOperation({ all, usd }: Stage): Line[] {
  const count = (type: string) => all(type).length;
  const metrics = ({ metricQueries }: Inputs) =>
    Array.isArray(metricQueries) ? metricQueries.length - 1 : 1;
  const watched = sum(all("aws:cloudwatch/metricAlarm:MetricAlarm"), metrics);
  return [
    { what: "keys", usd: count("aws:kms/key:Key") * usd("keyPerMonth") },
    { what: "secrets", usd: count("aws:secretsmanager/secret:Secret") * usd("secretPerMonth") },
    { what: "alarms", usd: watched * usd("alarmPerMonth") },
    { what: "dashboard", usd: count("aws:cloudwatch/dashboard:Dashboard") * usd("dashboardPerMonth") },
    { what: "sweeps", usd: sweeps(all("aws:scheduler/schedule:Schedule"), usd) },
  ];
}

/** A replica has its source's. */
function storageGb(instance: Inputs, all: readonly Inputs[]): number {
  const own = instance.allocatedStorage ?? all.find((each) => each.allocatedStorage)?.allocatedStorage;
  return Number(own ?? 0);
}

/** Short functions by the clock, that look at the live table's eight shards. */
function sweeps(deployed: readonly Inputs[], usd: PriceOf): number {
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

function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

function sum<T>(items: readonly T[], each: (item: T) => number): number {
  return items.reduce((total, item) => total + each(item), 0);
}
