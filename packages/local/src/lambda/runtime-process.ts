import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { basename, dirname } from "node:path";
import type { Readable } from "node:stream";
import { fileURLToPath } from "node:url";

export type RuntimeSpec = {
  name: string;
  /** The bundle, an absolute path; it exports `handler`. */
  file: string;
  memoryMb: number;
  environment: Readonly<Record<string, string>>;
};

const client = fileURLToPath(import.meta.resolve("aws-lambda-ric"));
const shim = fileURLToPath(new URL("./rapid-shim.cjs", import.meta.url));

/**
 * Starts AWS's runtime client on the bundle in a process group of its own. Its environment is what Lambda sets and what
 * the function is given, nothing of ours.
 */
export function startRuntime(
  spec: RuntimeSpec,
  sandbox: { mark: string; runtimeApi: string; temporaryDirectory: string; compileCache: string },
): ChildProcess {
  const { name, file, memoryMb, environment } = spec;
  const region = environment.AWS_REGION ?? "us-east-1";
  const day = new Date().toISOString().slice(0, 10).replaceAll("-", "/");
  return spawn(
    process.execPath,
    [`--max-old-space-size=${Math.floor(memoryMb * 0.9)}`, "--require", shim, client],
    {
      cwd: dirname(file),
      detached: true,
      stdio: ["ignore", "pipe", "pipe"],
      env: {
        PATH: "/usr/local/bin:/usr/bin:/bin:/opt/bin",
        LANG: "en_US.UTF-8",
        TZ: ":UTC",
        NODE_COMPILE_CACHE: sandbox.compileCache,
        AWS_REGION: region,
        AWS_DEFAULT_REGION: region,
        ...environment,
        HOME: sandbox.temporaryDirectory,
        TMPDIR: sandbox.temporaryDirectory,
        AWS_EXECUTION_ENV: "AWS_Lambda_nodejs24.x",
        AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(memoryMb),
        AWS_LAMBDA_FUNCTION_NAME: name,
        AWS_LAMBDA_FUNCTION_VERSION: "$LATEST",
        AWS_LAMBDA_INITIALIZATION_TYPE: "on-demand",
        AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${name}`,
        AWS_LAMBDA_LOG_STREAM_NAME: `${day}/[$LATEST]${sandbox.mark}`,
        AWS_LAMBDA_RUNTIME_API: sandbox.runtimeApi,
        LAMBDA_TASK_ROOT: dirname(file),
        _HANDLER: `${basename(file, ".mjs")}.handler`,
      },
    },
  );
}

export function functionArn(name: string, environment: Readonly<Record<string, string>>): string {
  return `arn:aws:lambda:${environment.AWS_REGION ?? "us-east-1"}:000000000000:function:${name}`;
}

const longestLine = 256 * 1024;

/** Calls back with every line of a process' output. The runtime writes `\r` for the newlines inside one message. */
export function eachLine(output: Readable | null, onLine: (line: string) => void): void {
  let rest = "";
  output?.setEncoding("utf8").on("data", (text: string) => {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    if (rest.length > longestLine) {
      lines.push(rest);
      rest = "";
    }
    for (const line of lines) onLine(line.replaceAll("\r", "\n"));
  });
  output?.on("end", () => {
    if (rest) onLine(rest.replaceAll("\r", "\n"));
  });
}

/** Memory that the process has to itself, in bytes, or undefined where the system has no /proc. */
export function privateMemoryBytes(pid: number): number | undefined {
  try {
    const [, resident, shared] = readFileSync(`/proc/${pid}/statm`, "utf8").split(" ").map(Number);
    return ((resident ?? 0) - (shared ?? 0)) * 4096;
  } catch {
    return undefined;
  }
}
