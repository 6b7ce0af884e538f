import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { statfs } from "node:fs/promises";
import { promisify } from "node:util";
import { Health } from "@t2m/contract/service";
import { configFrom } from "@t2m/core/config";
import { findBinaries } from "@t2m/core/ffmpeg/binaries";
import { checkHealth } from "@t2m/core/health/check";
import { findJava } from "@t2m/local/dynamodb/java";
import { findBinaries as findPostgres } from "@t2m/local/postgres/binaries";
import { findRun } from "@t2m/local/processes/run";
import type { Settings } from "@t2m/local/settings";

const run = promisify(execFile);
const oldestNode = 24;
const roomBytes = 5 * 1024 ** 3;

/** A look at one thing. Gives what was found; throws an Error that says what is wrong and what to do. */
export type Check = { name: string; look: () => Promise<string> };

/** What the embedded stack needs of this machine; parts that the settings replace by a server are not asked for. */
export function machineChecks(settings: Settings, directory: string): Check[] {
  return [
    { name: "Node", look: async () => checkNode(process.versions.node) },
    settings.dynamodbEndpoint
      ? { name: "DynamoDB", look: () => answers(settings.dynamodbEndpoint) }
      : { name: "Java", look: async () => findJava(settings) },
    settings.s3Endpoint
      ? { name: "S3", look: () => answers(settings.s3Endpoint) }
      : { name: "S3", look: async () => "embedded" },
    settings.databaseUrl
      ? { name: "Postgres", look: async () => "DATABASE_URL is used" }
      : { name: "Postgres", look: async () => findPostgres().postgres },
    { name: "ffmpeg", look: () => versionOf("ffmpeg", settings) },
    { name: "ffprobe", look: () => versionOf("ffprobe", settings) },
    { name: "disk", look: () => checkDisk(directory) },
    { name: "stack", look: () => checkRunning(directory) },
  ];
}

/** The configuration of a deployed function, as this environment has it, and the services it names. */
export function stageChecks(variables: Record<string, string | undefined>): Check[] {
  return [
    {
      name: "configuration",
      look: async () => {
        configFrom(variables);
        return describe(await checkHealth("deep"));
      },
    },
  ];
}

/** What a deployed stage says of itself. */
export function addressChecks(url: string): Check[] {
  return [{ name: "health", look: async () => describe(await healthAt(url.replace(/\/+$/, ""))) }];
}

function checkNode(version: string): string {
  if (Number(version.split(".")[0]) >= oldestNode) return version;
  throw new Error(`this is Node ${version}, t2m needs ${oldestNode}: run it as \`npx -y pnpm@12 doctor\``);
}

async function versionOf(name: "ffmpeg" | "ffprobe", { searchPath }: Settings): Promise<string> {
  const path = findBinaries({ searchPath: searchPath.join(":") })[name];
  const { stdout } = await run(path, ["-version"]);
  return stdout.split(" ").slice(0, 3).join(" ");
}

async function checkDisk(directory: string): Promise<string> {
  const { bavail, bsize } = await statfs(existsSync(directory) ? directory : ".");
  const free = bavail * bsize;
  const text = `${Math.floor(free / 1024 ** 3)} GiB free`;
  if (free >= roomBytes) return text;
  throw new Error(`${text}: uploads and results are kept in .local/; \`pnpm local:reset\` empties it`);
}

async function checkRunning(directory: string): Promise<string> {
  const running = findRun(directory);
  if (!running?.url) return "none runs; `pnpm dev` starts one";
  return `${running.url} ${describe(await healthAt(`${running.url}/api`))}`;
}

async function answers(endpoint = ""): Promise<string> {
  await fetch(endpoint, { signal: AbortSignal.timeout(5_000) }).catch((error: unknown) => {
    throw new Error(`${endpoint} does not answer: is the server running?`, { cause: error });
  });
  return endpoint;
}

async function healthAt(apiUrl: string): Promise<Health> {
  const address = `${apiUrl}/health?check=deep`;
  const response = await fetch(address, { signal: AbortSignal.timeout(10_000) }).catch((error: unknown) => {
    throw new Error(`${address} does not answer`, { cause: error });
  });
  const health = Health.safeParse(await response.json().catch(() => undefined));
  if (health.success) return health.data;
  throw new Error(`${address} answers ${response.status} and not as t2m does: is this its API's address?`);
}

function describe({ stage, services }: Health): string {
  const away = services.filter(({ status }) => status !== "ok").map(({ name }) => name);
  if (away.length > 0) throw new Error(`stage ${stage}: the ${away.join(" and the ")} does not answer`);
  return `stage ${stage} is well (${services.map(({ name }) => name).join(", ")})`;
}
