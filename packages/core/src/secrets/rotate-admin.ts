import { randomBytes } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import * as z from "zod/mini";
import { AwsError } from "../aws/call.ts";
import { rds } from "../aws/rds.ts";
import { secretsManager } from "../aws/secrets-manager.ts";

/** One of the four steps in which Secrets Manager rotates; each may come again. */
export type Turn = {
  secretId: string;
  /** The new version's id. */
  token: string;
  step: "createSecret" | "setSecret" | "testSecret" | "finishSecret";
};

const Answer = z.object({ SecretString: z.string() });
const Admin = z.looseObject({ dbInstanceIdentifier: z.string(), password: z.optional(z.string()) });
const Versions = z.object({ VersionIdsToStages: z.record(z.string(), z.array(z.string())) });

/**
 * Gives the database's administrator a new password through RDS's own API: the function needs neither the old one nor
 * a way into the network, and heals a secret that was lost or spoilt.
 * @param pollMs between looks at whether RDS is done with it
 */
export async function rotateAdmin({ secretId, token, step }: Turn, { pollMs = 5_000 } = {}): Promise<void> {
  const stages = await stagesOf(secretId);
  if (stages[token]?.includes("AWSCURRENT")) return;
  if (!stages[token]) throw new Error(`The secret knows no version ${token}`);
  switch (step) {
    case "createSecret":
      return createPassword(secretId, token);
    case "setSecret":
      return setPassword(await pending(secretId, token));
    case "testSecret":
      return untilSet(await pending(secretId, token), pollMs);
    case "finishSecret":
      return makeCurrent(secretId, token, stages);
  }
}

async function stagesOf(secretId: string) {
  return Versions.parse(await secretsManager("DescribeSecret", { SecretId: secretId })).VersionIdsToStages;
}

async function createPassword(secretId: string, token: string) {
  if (await isThere(secretId, token)) return;
  const current = await secretsManager("GetSecretValue", { SecretId: secretId, VersionStage: "AWSCURRENT" });
  const admin = Admin.parse(JSON.parse(Answer.parse(current).SecretString));
  const password = randomBytes(30).toString("base64url");
  await secretsManager("PutSecretValue", {
    SecretId: secretId,
    ClientRequestToken: token,
    SecretString: JSON.stringify({ ...admin, password }),
    VersionStages: ["AWSPENDING"],
  });
}

async function isThere(secretId: string, token: string): Promise<boolean> {
  try {
    await pending(secretId, token);
    return true;
  } catch (error) {
    if (error instanceof AwsError && error.code === "ResourceNotFoundException") return false;
    throw error;
  }
}

async function pending(secretId: string, token: string) {
  const question = { SecretId: secretId, VersionId: token, VersionStage: "AWSPENDING" };
  const answer = Answer.parse(await secretsManager("GetSecretValue", question));
  return Admin.parse(JSON.parse(answer.SecretString));
}

async function setPassword({ dbInstanceIdentifier, password }: z.infer<typeof Admin>) {
  if (!password) throw new Error("The new version has no password");
  await rds("ModifyDBInstance", {
    DBInstanceIdentifier: dbInstanceIdentifier,
    MasterUserPassword: password,
    ApplyImmediately: "true",
  });
}

/** RDS takes the password and sets it later. The function's time is the limit. */
async function untilSet({ dbInstanceIdentifier }: z.infer<typeof Admin>, pollMs: number) {
  for (;;) {
    const answer = await rds("DescribeDBInstances", { DBInstanceIdentifier: dbInstanceIdentifier });
    const isSettled = answer.includes("<DBInstanceStatus>available</DBInstanceStatus>");
    if (isSettled && !answer.includes("<MasterUserPassword>")) return;
    await delay(pollMs);
  }
}

async function makeCurrent(secretId: string, token: string, stages: Record<string, string[]>) {
  const old = Object.keys(stages).find((version) => stages[version]?.includes("AWSCURRENT"));
  await secretsManager("UpdateSecretVersionStage", {
    SecretId: secretId,
    VersionStage: "AWSCURRENT",
    MoveToVersionId: token,
    ...(old ? { RemoveFromVersionId: old } : {}),
  });
}
