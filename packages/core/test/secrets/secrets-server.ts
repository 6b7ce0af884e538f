import { randomUUID } from "node:crypto";
import { createServer } from "node:http";
import { text } from "node:stream/consumers";
import { functionEnvironment } from "@t2m/local/environment";
import { readSettings } from "@t2m/local/settings";

type Version = { value: string | undefined; stages: Set<string> };
type Input = {
  VersionId?: string;
  VersionStage?: string;
  ClientRequestToken?: string;
  SecretString?: string;
  MoveToVersionId?: string;
  RemoveFromVersionId?: string;
};

/**
 * As much of Secrets Manager and of RDS as a rotation needs, in memory, for one secret and one instance: no server
 * for a laptop speaks either.
 */
export async function startSecretsServer(first: string) {
  const versions = new Map<string, Version>([["first", { value: first, stages: new Set(["AWSCURRENT"]) }]]);
  const database = { password: "", looksUntilSet: 0 };
  const calls: string[] = [];
  let isAway = false;

  const withStage = (stage: string) => [...versions].find(([, { stages }]) => stages.has(stage));
  const operations: Record<string, (input: Input) => object | undefined> = {
    GetSecretValue: ({ VersionId, VersionStage = "AWSCURRENT" }) => {
      const version = VersionId ? versions.get(VersionId) : withStage(VersionStage)?.[1];
      if (!version?.stages.has(VersionStage) || version.value === undefined) return undefined;
      return { SecretString: version.value };
    },
    DescribeSecret: () => ({
      VersionIdsToStages: Object.fromEntries([...versions].map(([id, { stages }]) => [id, [...stages]])),
    }),
    PutSecretValue: ({ ClientRequestToken = "", SecretString }) => {
      const version = versions.get(ClientRequestToken);
      if (!version) return undefined;
      version.value = SecretString;
      return {};
    },
    UpdateSecretVersionStage: ({ MoveToVersionId = "", RemoveFromVersionId = "" }) => {
      versions.get(RemoveFromVersionId)?.stages.delete("AWSCURRENT");
      versions.get(MoveToVersionId)?.stages.add("AWSCURRENT");
      return {};
    },
  };
  const server = createServer(async (request, response) => {
    const body = await text(request);
    const target = request.headers["x-amz-target"];
    if (isAway) return response.writeHead(503).end();
    if (target === undefined) return response.end(administer(new URLSearchParams(body)));
    const operation = String(target).split(".")[1] ?? "";
    calls.push(operation);
    const answer = operations[operation]?.(JSON.parse(body));
    if (answer) return response.end(JSON.stringify(answer));
    return response.writeHead(400).end(JSON.stringify({ __type: "ResourceNotFoundException" }));
  });

  /** The new password counts some looks later, as it does at RDS. */
  function administer(input: URLSearchParams): string {
    const action = input.get("Action") ?? "";
    calls.push(action);
    if (action === "ModifyDBInstance") {
      database.password = input.get("MasterUserPassword") ?? "";
      database.looksUntilSet = 2;
      return "<ModifyDBInstanceResponse/>";
    }
    if (database.looksUntilSet === 0) return "<DBInstanceStatus>available</DBInstanceStatus>";
    database.looksUntilSet -= 1;
    const pending =
      "<PendingModifiedValues><MasterUserPassword>****</MasterUserPassword></PendingModifiedValues>";
    return `<DBInstanceStatus>available</DBInstanceStatus>${pending}`;
  }

  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const url = `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}`;
  const { region, credentials } = readSettings();
  const others = { s3Endpoint: url, dynamodbEndpoint: url, issuer: `${url}/issuer`, audience: "t2m" };
  return {
    /** Of a function that talks to this server. */
    environment: {
      ...functionEnvironment({ stage: "test", region, credentials, ...others }),
      AWS_ENDPOINT_URL_SECRETS_MANAGER: url,
      AWS_ENDPOINT_URL_RDS: url,
    },
    calls,
    database,
    current: () => withStage("AWSCURRENT")?.[1].value ?? "",
    set: (value: string) => {
      const current = withStage("AWSCURRENT");
      if (current) current[1].value = value;
    },
    /** As a rotation begins: a version that has a name and no value yet. */
    begin: () => {
      const token = randomUUID();
      versions.set(token, { value: undefined, stages: new Set(["AWSPENDING"]) });
      return token;
    },
    away: (isGone: boolean) => {
      isAway = isGone;
    },
    stop: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
