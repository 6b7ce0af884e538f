import { count, Environment } from "@t2m/contract/environment";
import * as z from "zod/mini";

/** Where everything that a stage is made of exists, opted into by every account or not. */
const regions = [
  ...[
    "us-east-1",
    "us-east-2",
    "us-west-1",
    "us-west-2",
    "ca-central-1",
    "ca-west-1",
    "mx-central-1",
    "sa-east-1",
  ],
  ...["eu-west-1", "eu-west-2", "eu-west-3", "eu-central-1", "eu-central-2", "eu-north-1", "eu-south-1"],
  ...["eu-south-2", "ap-south-1", "ap-south-2", "ap-southeast-1", "ap-southeast-2", "ap-southeast-3"],
  ...[
    "ap-southeast-4",
    "ap-southeast-5",
    "ap-southeast-7",
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-northeast-3",
  ],
  ...["ap-east-1", "ap-east-2", "me-south-1", "me-central-1", "il-central-1", "af-south-1"],
] as const;

export const defaultRegion = "us-east-1";

const https = z.url({ protocol: /^https$/, error: "must be an https URL" });
const onOrOff = z.enum(["on", "off"], "must be on or off");
const origins = z.pipe(
  z.pipe(
    z.string(),
    z.transform((list: string) => list.split(",").map((origin) => origin.trim())),
  ),
  z.array(
    z.string().check(z.regex(/^(\*|https?:\/\/[^/\s]+)$/, "must be origins such as https://example.org")),
  ),
);

const { T2M_ISSUER: _, ...functionSettings } = z.pick(Environment, {
  T2M_ISSUER: true,
  T2M_AUDIENCE: true,
  T2M_MAXIMUM_UPLOAD_BYTES: true,
  T2M_MAXIMUM_MEDIA_SECONDS: true,
  T2M_RETENTION_SECONDS: true,
  T2M_LEASE_SECONDS: true,
  T2M_QUEUE_PER_USER: true,
}).shape;

const Variables = z.object({
  ...functionSettings,
  // The stage is part of each bucket's name, which ends at 63 characters: thumbnails in a region of 14 leave 20.
  stage: z.string().check(
    z.regex(/^[a-z]([a-z0-9-]*[a-z0-9])?$/, "must be lower-case letters, digits and hyphens, a letter first"),
    z.refine((stage) => !/^(xn--|sthree-|amzn-)/.test(stage), "begins as S3 reserves it for itself"),
    z.maxLength(20, "must be 20 characters or fewer"),
  ),
  AWS_REGION: z._default(z.enum(regions, "is no region of AWS that we know"), defaultRegion),
  T2M_ISSUER: https,
  /** Where other pages than the stage's own come from, that may call the API and upload. */
  T2M_WEB_ORIGINS: z.optional(origins),
  /** Who is told when something is wrong. */
  T2M_ALERT_EMAIL: z.optional(z.email("must be an e-mail address")),
  /** The stage's own name on the Internet, and the hosted zone of Route 53 that it lies in. */
  T2M_DOMAIN: z.optional(
    z.string().check(z.regex(/^([a-z0-9-]+\.)+[a-z]{2,}$/, "must be a host name such as t2m.example.org")),
  ),
  T2M_DOMAIN_ZONE: z.optional(z.string().check(z.regex(/^Z[A-Z0-9]+$/, "must be a hosted zone's id"))),
  /** What the page calls itself to the issuer. */
  T2M_CLIENT_ID: z._default(z.string(), "t2m"),
  /** Rules before the CDN, at some 9 dollars a month. */
  T2M_FIREWALL: z.optional(onOrOff),
  T2M_MONTHLY_BUDGET_USD: z.optional(
    z.pipe(z.coerce.number("must be a number"), z.number().check(z.positive("must be more than 0"))),
  ),
  T2M_CONVERTERS_AT_ONCE: z.optional(count),
  /** As many as convert at once, unless said otherwise: more of them would only wait elsewhere, before everybody's. */
  T2M_QUEUE_ALL: z.optional(count),
  /** Where production keeps a second copy of what cannot be made again. */
  T2M_REPLICA_REGION: z.optional(z.enum(regions, "is no region of AWS that we know")),
  /**
   * Postgres, for history, files, batches and people, at some 25 dollars a month. Production always has it; any other
   * stage says so itself: were it off where nobody said a word, a variable that was forgotten would delete a database.
   */
  T2M_RECORD: z.optional(onOrOff),
  /** A gateway to the Internet for the private subnets, at some 35 dollars a month and zone. Nothing of ours needs it. */
  T2M_NAT: z._default(onOrOff, "off"),
  /** Pooled connections, at some 22 dollars a month. */
  T2M_DATABASE_PROXY: z.optional(onOrOff),
});

/** What one stage is made of: pure data, checked before anything is created. */
export type StageConfig = {
  stage: string;
  isProduction: boolean;
  region: string;
  issuer: string;
  audience: string;
  webOrigins: string[];
  maximumUploadBytes: number;
  maximumMediaSeconds: number;
  retentionSeconds: number;
  leaseSeconds: number;
  /** Jobs of batches that run at once: somebody's, and everybody's. */
  queueLimits: { perUser: number; all: number };
  logRetention: "1 month" | "1 year";
  logRetentionDays: number;
  /** How long an overwritten or deleted object can still be brought back. */
  oldVersionsDays: number;
  alertEmail: string | undefined;
  domain: { name: string; zoneId: string } | undefined;
  /** The page's name at the issuer. */
  clientId: string;
  hasFirewall: boolean;
  monthlyBudgetUsd: number;
  /** In production only. */
  replicaRegion: string | undefined;
  zones: 2 | 3;
  nat: boolean;
  /** As many conversions run at the same time, and no more are paid for. */
  convertersAtOnce: number;
  /** Undefined where the stage keeps no record. */
  database: { instanceClass: string; isPooled: boolean; backupDays: number } | undefined;
};
export type RecordStage = StageConfig & { database: NonNullable<StageConfig["database"]> };

/** A stage that cannot be deployed as it is set; the message names every problem at once. */
export class StageError extends Error {
  override readonly name = "StageError";
}

export function isProduction(stage: string): boolean {
  return stage === "production";
}

/**
 * The stage's settings from its name and the variables that `.env.<stage>` or the shell sets.
 * @throws StageError
 */
export function stageConfig(stage: string, variables: Record<string, string | undefined>): StageConfig {
  const present = Object.fromEntries(Object.entries(variables).filter(([, value]) => value !== ""));
  const parsed = Variables.safeParse({ ...present, stage });
  const problems = parsed.error?.issues.map(({ path, message }) => `${path[0]?.toString()} ${message}`) ?? [];
  if (!present.T2M_DOMAIN !== !present.T2M_DOMAIN_ZONE) {
    problems.push("T2M_DOMAIN and T2M_DOMAIN_ZONE must be set both or neither");
  }
  if (isProduction(stage)) problems.push(...problemsOfProduction(present));
  else problems.push(...problemsOfRecord(present));
  if (!parsed.success || problems.length > 0) {
    throw new StageError(`The stage cannot be deployed: ${problems.join("; ")}`);
  }
  return settings(parsed.data);
}

function problemsOfRecord(variables: Record<string, string | undefined>): string[] {
  if (variables.T2M_RECORD === "on") return [];
  const useless = ["T2M_DATABASE_PROXY", "T2M_NAT"].filter((name) => variables[name] === "on");
  return [
    ...(variables.T2M_RECORD ? [] : ["T2M_RECORD must say whether the stage keeps a record: on or off"]),
    ...useless.map((name) => `${name} is of use with T2M_RECORD=on only`),
  ];
}

function problemsOfProduction(variables: Record<string, string | undefined>): string[] {
  const region = variables.AWS_REGION ?? defaultRegion;
  const rules: [boolean, string][] = [
    [variables.T2M_WEB_ORIGINS?.includes("*") ?? false, "T2M_WEB_ORIGINS must not be * in production"],
    [!variables.T2M_ALERT_EMAIL, "T2M_ALERT_EMAIL must say in production who is told"],
    [
      (variables.T2M_REPLICA_REGION ?? region) === region,
      "T2M_REPLICA_REGION must name another region in production",
    ],
    [variables.T2M_RECORD === "off", "T2M_RECORD cannot be off in production"],
    [variables.T2M_DATABASE_PROXY === "off", "T2M_DATABASE_PROXY cannot be off in production"],
    [variables.T2M_FIREWALL === "off", "T2M_FIREWALL cannot be off in production"],
  ];
  return rules.filter(([isBroken]) => isBroken).map(([, problem]) => problem);
}

function settings(variables: z.infer<typeof Variables>): StageConfig {
  const production = isProduction(variables.stage);
  const convertersAtOnce = variables.T2M_CONVERTERS_AT_ONCE ?? (production ? 50 : 10);
  return {
    stage: variables.stage,
    isProduction: production,
    region: variables.AWS_REGION,
    issuer: variables.T2M_ISSUER,
    audience: variables.T2M_AUDIENCE,
    webOrigins: variables.T2M_WEB_ORIGINS ?? [],
    maximumUploadBytes: variables.T2M_MAXIMUM_UPLOAD_BYTES,
    maximumMediaSeconds: variables.T2M_MAXIMUM_MEDIA_SECONDS,
    retentionSeconds: variables.T2M_RETENTION_SECONDS,
    leaseSeconds: variables.T2M_LEASE_SECONDS,
    queueLimits: { perUser: variables.T2M_QUEUE_PER_USER, all: variables.T2M_QUEUE_ALL ?? convertersAtOnce },
    logRetention: production ? "1 year" : "1 month",
    logRetentionDays: production ? 365 : 30,
    oldVersionsDays: production ? 30 : 7,
    alertEmail: variables.T2M_ALERT_EMAIL,
    domain: domainOf(variables),
    clientId: variables.T2M_CLIENT_ID,
    hasFirewall: production || variables.T2M_FIREWALL === "on",
    monthlyBudgetUsd: variables.T2M_MONTHLY_BUDGET_USD ?? (production ? 500 : 50),
    replicaRegion: production ? variables.T2M_REPLICA_REGION : undefined,
    zones: production ? 3 : 2,
    nat: variables.T2M_NAT === "on",
    convertersAtOnce,
    database:
      production || variables.T2M_RECORD === "on"
        ? {
            instanceClass: production ? "db.t4g.medium" : "db.t4g.micro",
            isPooled: production || variables.T2M_DATABASE_PROXY === "on",
            backupDays: production ? 30 : 7,
          }
        : undefined,
  };
}

function domainOf({ T2M_DOMAIN, T2M_DOMAIN_ZONE }: z.infer<typeof Variables>) {
  if (!T2M_DOMAIN || !T2M_DOMAIN_ZONE) return undefined;
  return { name: T2M_DOMAIN, zoneId: T2M_DOMAIN_ZONE };
}
