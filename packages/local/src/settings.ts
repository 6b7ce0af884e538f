import { delimiter } from "node:path";
import type { Environment } from "@t2m/contract/environment";

/**
 * What a developer may say to the embedded stack by environment variables: the SDK's own names for other
 * servers, their region and credentials, a Postgres, a Java and a port.
 */
export type Settings = {
  /** `AWS_ENDPOINT_URL_S3`, or `AWS_ENDPOINT_URL` for both: an S3 server to use in place of ours. */
  s3Endpoint?: string;
  /** `AWS_ENDPOINT_URL_DYNAMODB`: a DynamoDB to use in place of DynamoDB Local. */
  dynamodbEndpoint?: string;
  /** `DATABASE_URL`: a Postgres to use in place of the embedded one. */
  databaseUrl?: string;
  region: string;
  credentials: Credentials;
  javaHome?: string;
  searchPath: readonly string[];
  /** Where systems keep their Javas: the folder, and the program's path below each of its entries. */
  javaFolders: readonly (readonly [folder: string, path: string])[];
  /** `PORT`: where the API and the page listen. */
  port?: number;
  /** `PGBOUNCER_PATH`: a pgbouncer by way of which tests reach Postgres, as functions on AWS do by RDS Proxy. */
  pgbouncerPath?: string;
  /** `CHROME_PATH`: the browser to test with, in place of the system's or npm's Chromium. */
  chromePath?: string;
  /** Limits and paths of the functions' own, such as `T2M_RETENTION_SECONDS`, to hand on to them. */
  functionVariables: Readonly<Record<string, string>>;
};

export type Credentials = { accessKeyId: string; secretAccessKey: string; sessionToken?: string };

/** Reads the settings; nothing else in this package reads the environment. */
export function readSettings(environment: NodeJS.ProcessEnv = process.env): Settings {
  const text = (name: string) => environment[name]?.trim() || undefined;
  const endpoint = (name: string) => (text(name) ?? text("AWS_ENDPOINT_URL"))?.replace(/\/+$/, "");
  const port = Number(text("PORT"));
  return {
    ...optional("s3Endpoint", endpoint("AWS_ENDPOINT_URL_S3")),
    ...optional("dynamodbEndpoint", endpoint("AWS_ENDPOINT_URL_DYNAMODB")),
    ...optional("databaseUrl", text("DATABASE_URL")),
    region: text("AWS_REGION") ?? "eu-central-1",
    credentials: {
      accessKeyId: text("AWS_ACCESS_KEY_ID") ?? "local",
      secretAccessKey: text("AWS_SECRET_ACCESS_KEY") ?? "local-secret",
      ...optional("sessionToken", text("AWS_SESSION_TOKEN")),
    },
    ...optional("javaHome", text("JAVA_HOME")),
    searchPath: (text("PATH") ?? "").split(delimiter).filter(Boolean),
    javaFolders: [
      ["/usr/lib/jvm", "bin/java"],
      ["/Library/Java/JavaVirtualMachines", "Contents/Home/bin/java"],
      ["/opt/homebrew/opt", "bin/java"],
      ["/usr/local/opt", "bin/java"],
    ],
    functionVariables: Object.fromEntries(
      handedOn.flatMap((name) => {
        const value = text(name);
        return value ? [[name, value]] : [];
      }),
    ),
    ...optional("pgbouncerPath", text("PGBOUNCER_PATH")),
    ...optional("chromePath", text("CHROME_PATH")),
    ...optional("port", Number.isInteger(port) && port > 0 ? port : undefined),
  };
}

/** What the stack does not decide itself. */
const handedOn = [
  "T2M_MAXIMUM_UPLOAD_BYTES",
  "T2M_MAXIMUM_MEDIA_SECONDS",
  "T2M_RETENTION_SECONDS",
  "T2M_LEASE_SECONDS",
  "T2M_QUEUE_PER_USER",
  "T2M_QUEUE_ALL",
  "T2M_FFMPEG",
  "T2M_FFPROBE",
] as const satisfies (keyof Environment)[];

function optional<Name extends string, Value>(name: Name, value: Value | undefined) {
  return (value === undefined ? {} : { [name]: value }) as { [K in Name]?: Value };
}
