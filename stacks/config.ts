import { Environment } from "@t2m/contract/environment";
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
  /** Where pages that call the API and upload come from. */
  T2M_WEB_ORIGINS: z.optional(origins),
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
  logRetention: "1 month" | "1 year";
  /** How long an overwritten or deleted object can still be brought back. */
  oldVersionsDays: number;
};

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
  const anyOrigin = present.T2M_WEB_ORIGINS?.includes("*") ?? true;
  if (isProduction(stage) && anyOrigin) {
    problems.push("T2M_WEB_ORIGINS must name the page's origins in production");
  }
  if (!parsed.success || problems.length > 0) {
    throw new StageError(`The stage cannot be deployed: ${problems.join("; ")}`);
  }
  return settings(parsed.data);
}

function settings(variables: z.infer<typeof Variables>): StageConfig {
  const production = isProduction(variables.stage);
  return {
    stage: variables.stage,
    isProduction: production,
    region: variables.AWS_REGION,
    issuer: variables.T2M_ISSUER,
    audience: variables.T2M_AUDIENCE,
    webOrigins: variables.T2M_WEB_ORIGINS ?? ["*"],
    maximumUploadBytes: variables.T2M_MAXIMUM_UPLOAD_BYTES,
    maximumMediaSeconds: variables.T2M_MAXIMUM_MEDIA_SECONDS,
    retentionSeconds: variables.T2M_RETENTION_SECONDS,
    leaseSeconds: variables.T2M_LEASE_SECONDS,
    logRetention: production ? "1 year" : "1 month",
    oldVersionsDays: production ? 30 : 7,
  };
}
