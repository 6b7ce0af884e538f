// The picture in docs/architecture.md, drawn from what a stage is synthesized to: `pnpm stacks:docs` draws it anew.

export type Resource = { type: string; name: string; inputs: Record<string, unknown> };
type Node = { id: string; label: string; shape: "box" | "store" | "person"; group?: string };
type Edge = { from: string; to: string; label: string };
type Statement = { Action: string[]; Resource?: string[] };

const prefix = /^.*-t2m-?/;

/** A mermaid flowchart: what there is, and who starts, reads or writes what. */
export function drawArchitecture(resources: readonly Resource[]): string {
  const view = viewOf(resources);
  const edges = [
    ...fromTheEdge(view),
    ...fromTheApi(view),
    ...fromObjects(view),
    ...fromTheTable(view),
    ...fromTheClock(view),
    ...fromTheDeployment(view),
    ...byGrants(view),
  ];
  const used = new Set(edges.flatMap(({ from, to }) => [from, to]));
  // Two regions hold a bucket of the same kind; and the order in which resources come is nobody's promise.
  const known = new Map(nodesOf(view).map((node) => [node.id, node]));
  const nodes = [...known.values()].filter(({ id }) => used.has(id)).sort(by(({ id }) => id));
  const groups = [...new Set(nodes.flatMap(({ group }) => (group ? [group] : [])))];
  return [
    "flowchart LR",
    ...nodes.filter(({ group }) => !group).map(drawNode),
    ...groups.flatMap((group) => [
      `  subgraph ${group}`,
      ...nodes.filter((node) => node.group === group).map((node) => `  ${drawNode(node)}`),
      "  end",
    ]),
    ...merged(edges)
      .sort(by(({ from, to }) => `${from} ${to}`))
      .map(({ from, to, label }) => `  ${from} -->|${label}| ${to}`),
    "",
  ].join("\n");
}

type View = ReturnType<typeof viewOf>;

function viewOf(resources: readonly Resource[]) {
  const all = (type: string) => resources.filter((resource) => resource.type === type);
  const lambdas = all("aws:lambda/function:Function").map(({ inputs }) => String(inputs.name));
  const started = new Set<string>();
  for (const { inputs } of all("aws:apigatewayv2/integration:Integration")) {
    started.add(lastOf(String(inputs.integrationUri)));
  }
  return {
    all,
    lambdas,
    /** Those that answer the API are one box: there are many, and they are alike. */
    idOf: (name: string) => (started.has(name) ? "handlers" : idFrom(name)),
    handlers: started,
    buckets: all("aws:s3/bucket:Bucket").map(({ inputs }) => String(inputs.bucket)),
  };
}

function nodesOf(view: View): Node[] {
  const bucket = (name: string): Node => ({
    id: `s3_${bucketKind(name)}`,
    label: bucketKind(name),
    shape: "store",
    group: "S3",
  });
  const fn = (name: string): Node => ({
    id: idFrom(name),
    label: name.replace(prefix, ""),
    shape: "box",
    group: "Lambda",
  });
  return [
    { id: "browser", label: "browser", shape: "person" },
    {
      id: "cdn",
      label: view.all("aws:wafv2/webAcl:WebAcl").length > 0 ? "CloudFront, WAF" : "CloudFront",
      shape: "box",
    },
    { id: "api", label: "HTTP API", shape: "box" },
    { id: "clock", label: "Scheduler", shape: "box" },
    { id: "deployment", label: "sst deploy", shape: "person" },
    { id: "handlers", label: "a handler for each route", shape: "box", group: "Lambda" },
    ...view.lambdas.filter((name) => !view.handlers.has(name)).map(fn),
    ...view.buckets.map(bucket),
    { id: "table", label: "live table", shape: "store" },
    { id: "failures", label: "failures queue", shape: "store" },
    { id: "proxy", label: "RDS Proxy", shape: "box" },
    { id: "database", label: "Postgres", shape: "store" },
    { id: "secrets", label: "Secrets Manager", shape: "store" },
  ];
}

function fromTheEdge({ all, idOf }: View): Edge[] {
  const [distribution] = all("aws:cloudfront/distribution:Distribution");
  if (!distribution) return [];
  const behaviors = [
    distribution.inputs.defaultCacheBehavior,
    ...listOf(distribution.inputs.orderedCacheBehaviors),
  ];
  const stage = String(distribution.inputs.comment);
  return [
    { from: "browser", to: "cdn", label: "HTTPS" },
    { from: "browser", to: "s3_uploads", label: "presigned parts" },
    ...behaviors.map((behavior) => {
      const target = String(property(behavior, "targetOriginId"));
      const known: Record<string, string> = { site: "s3_site", api: "api" };
      const label = String(property(behavior, "pathPattern") ?? "/");
      return { from: "cdn", to: known[target] ?? idOf(`${stage}-${target}`), label };
    }),
  ];
}

function fromTheApi({ handlers }: View): Edge[] {
  return handlers.size > 0 ? [{ from: "api", to: "handlers", label: "routes" }] : [];
}

function fromObjects({ all, idOf }: View): Edge[] {
  return all("aws:s3/bucketNotification:BucketNotification").flatMap(({ inputs }) =>
    listOf(inputs.lambdaFunctions).map((each) => ({
      from: `s3_${bucketKind(String(inputs.bucket))}`,
      to: idOf(lastOf(String(property(each, "lambdaFunctionArn")))),
      label: `new ${String(property(each, "filterPrefix"))}`,
    })),
  );
}

function fromTheTable({ all, idOf }: View): Edge[] {
  return all("aws:lambda/eventSourceMapping:EventSourceMapping").map(({ inputs }) => ({
    from: "table",
    to: idOf(lastOf(String(inputs.functionName))),
    label: "stream",
  }));
}

function fromTheClock({ all, idOf }: View): Edge[] {
  return all("aws:scheduler/schedule:Schedule").flatMap(({ inputs }) => {
    const to = String(property(inputs.target, "arn"));
    return /:lambda:.*:function:/.test(to)
      ? [{ from: "clock", to: idOf(lastOf(to)), label: String(inputs.scheduleExpression) }]
      : [];
  });
}

/** What it runs itself; that signs in by a password, which is no grant. */
function fromTheDeployment({ all, idOf }: View): Edge[] {
  return all("aws:lambda/invocation:Invocation").flatMap(({ inputs }) => {
    const fn = idOf(String(inputs.functionName));
    return [
      { from: "deployment", to: fn, label: "first" },
      { from: fn, to: "database", label: "schema" },
    ];
  });
}

/** What a role allows is what its function does. */
function byGrants({ all, lambdas, idOf }: View): Edge[] {
  const roles = new Map(all("aws:iam/role:Role").map(({ inputs }) => [String(inputs.name), inputs]));
  const functions = all("aws:lambda/function:Function").map(({ inputs }) => inputs);
  const edges = functions.flatMap((fn) => {
    const role = roles.get(String(fn.role).split("/").at(-1) ?? "");
    return statementsOf(role).flatMap(({ Action, Resource = [] }) =>
      Resource.flatMap((arn) => {
        const to = targetOf(arn);
        return to ? Action.flatMap((action) => edgeOf(idOf(String(fn.name)), to, action)) : [];
      }),
    );
  });
  const isProxied = all("aws:rds/proxy:Proxy").length > 0;
  if (lambdas.length > 0 && isProxied) edges.push({ from: "proxy", to: "database", label: "IAM" });
  return edges;
}

function edgeOf(from: string, to: string, action: string): Edge[] {
  if (/Stream|Shard|GetRecords/.test(action)) return [];
  if (/:connect$/.test(action)) return [{ from, to, label: "IAM" }];
  if (/SendMessage/.test(action)) return [{ from, to, label: "what failed" }];
  return [
    {
      from,
      to,
      label: /:(Get|List|Query|Describe|BatchGet|ConditionCheck)/.test(action) ? "reads" : "writes",
    },
  ];
}

function targetOf(arn: string): string | undefined {
  if (arn.startsWith("arn:aws:s3:::"))
    return `s3_${bucketKind(arn.slice("arn:aws:s3:::".length).split("/")[0] ?? "")}`;
  if (arn.includes(":dynamodb:")) return "table";
  if (arn.includes(":sqs:")) return "failures";
  if (arn.includes(":rds-db:")) return arn.includes("dbuser:prx-") ? "proxy" : "database";
  if (arn.includes(":rds:")) return "database";
  if (arn.includes(":secretsmanager:")) return "secrets";
  return undefined;
}

function statementsOf(role: Record<string, unknown> | undefined): Statement[] {
  return listOf(role?.inlinePolicies).flatMap(
    (policy): Statement[] => JSON.parse(String(property(policy, "policy"))).Statement,
  );
}

/** One arrow for each two, with all that goes along it. */
function merged(edges: readonly Edge[]): Edge[] {
  const labels = new Map<string, Set<string>>();
  for (const { from, to, label } of edges) {
    const key = `${from} ${to}`;
    labels.set(key, (labels.get(key) ?? new Set()).add(label));
  }
  return [...labels].map(([key, all]) => {
    const [from = "", to = ""] = key.split(" ");
    return { from, to, label: `"${[...all].sort().join(", ")}"` };
  });
}

function drawNode({ id, label, shape }: Node): string {
  const around = { box: ["[", "]"], store: ["[(", ")]"], person: ["([", "])"] }[shape];
  return `  ${id}${around[0]}"${label}"${around[1]}`;
}

const by =
  <T>(key: (item: T) => string) =>
  (one: T, other: T) =>
    key(one) < key(other) ? -1 : 1;
const idFrom = (name: string) => name.replace(prefix, "").replaceAll("-", "_");
const lastOf = (arn: string) => arn.split(":").at(-1) ?? "";
/** `dev-t2m-uploads-eu-west-1-123456789012` is `uploads`. */
const bucketKind = (name: string) => /-t2m-([a-z]+)-/.exec(name)?.[1] ?? name;

function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

function property(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null
    ? Object.entries(value).find(([key]) => key === name)?.[1]
    : undefined;
}
