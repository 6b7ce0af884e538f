import { spawnSync } from "node:child_process";
import { accessSync, constants, readdirSync, readFileSync, realpathSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Settings } from "../settings.ts";

export type JavaPlaces = Pick<Settings, "javaHome" | "searchPath" | "javaFolders">;

const oldestVersion = 17;

/** No Java that DynamoDB Local runs on. */
export class JavaMissing extends Error {
  constructor() {
    const command =
      process.platform === "darwin"
        ? "brew install openjdk@17"
        : "apt-get install -y openjdk-17-jre-headless";
    super(
      `DynamoDB Local needs Java ${oldestVersion} or later: \`${command}\` ` +
        "(or set JAVA_HOME; or name another DynamoDB by AWS_ENDPOINT_URL_DYNAMODB)",
    );
    this.name = "JavaMissing";
  }
}

/**
 * The first Java that is new enough: JAVA_HOME's, the path's, then those where package managers put them.
 * @throws JavaMissing
 */
export function findJava({ javaHome, searchPath, javaFolders }: JavaPlaces): string {
  const candidates = [
    ...(javaHome ? [join(javaHome, "bin/java")] : []),
    ...searchPath.map((folder) => join(folder, "java")),
    ...javaFolders.flatMap(([folder, path]) => below(folder, path)),
  ];
  const java = candidates.find((path) => isExecutable(path) && (majorOf(path) ?? 0) >= oldestVersion);
  if (!java) throw new JavaMissing();
  return java;
}

function below(folder: string, path: string): string[] {
  try {
    return readdirSync(folder).map((name) => join(folder, name, path));
  } catch {
    return [];
  }
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** The `release` file beside it saves starting a JVM to ask; macOS's stub at /usr/bin/java has none. */
function majorOf(java: string): number | undefined {
  const version = releaseOf(java) ?? spawnSync(java, ["-version"], { encoding: "utf8" }).stderr ?? "";
  const [, major] = /"(\d+)[."]/.exec(version) ?? [];
  return major ? Number(major) : undefined;
}

function releaseOf(java: string): string | undefined {
  try {
    const release = readFileSync(join(dirname(realpathSync(java)), "../release"), "utf8");
    return /^JAVA_VERSION=.*$/m.exec(release)?.[0];
  } catch {
    return undefined;
  }
}
