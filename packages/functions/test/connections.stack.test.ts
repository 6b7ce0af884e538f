import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { functions } from "@t2m/functions/manifest";
import { sharedStack } from "@t2m/local/testing";
import { expect, test } from "vitest";
import { noise, Person } from "./support/person.ts";

const stack = sharedStack();

/** What a function's environment names, and so all that it may talk to. */
const named = ["AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL_DYNAMODB", "T2M_ISSUER", "AWS_LAMBDA_RUNTIME_API"];

test("[C1.4] [C4.1] [C4.2] [C4.3] while a file goes up and is converted, functions of the live plane talk to S3 and DynamoDB and to nothing else: no Redis, no Postgres", async () => {
  const person = await Person.arrive(stack);
  const { uploadId, jobIds } = await person.upload(noise(1), [{ preset: "mp3" }]);
  const [jobId = ""] = jobIds;
  await expect.poll(async () => (await person.job(jobId)).status, { timeout: 40_000 }).toBe("completed");
  expect((await person.ask("GET", `/uploads/${uploadId}`)).status).toBe(200);

  const heard = new Map<string, number>();
  for (const [name, spec] of Object.entries(functions)) {
    if ("database" in spec) continue;
    for (const { pid } of await stack.sandboxes(name)) {
      if (pid === undefined) continue;
      const environment = environmentOf(pid);
      const allowed = new Map(named.map((variable) => [portOf(environment[variable] ?? ""), variable]));
      for (const port of remotePortsOf(pid)) {
        const variable = allowed.get(port);
        expect([name, port, variable]).toEqual([name, port, expect.any(String)]);
        heard.set(variable ?? "", (heard.get(variable ?? "") ?? 0) + 1);
      }
    }
  }
  expect([...heard.keys()]).toEqual(expect.arrayContaining(named.slice(0, 2)));
});

function environmentOf(pid: number): Record<string, string> {
  const lines = readFileSync(`/proc/${pid}/environ`, "utf8").split("\0");
  return Object.fromEntries(lines.map((line) => line.split(/=(.*)/s, 2)));
}

function portOf(address: string): number {
  return Number(/:(\d+)(\/|$)/.exec(address)?.[1]);
}

/** Of the connections that a process itself has opened. */
function remotePortsOf(pid: number): number[] {
  const mine = new Set(readdirSync(`/proc/${pid}/fd`).map((fd) => socketOf(`/proc/${pid}/fd/${fd}`)));
  const rows = ["tcp", "tcp6"].flatMap((kind) =>
    readFileSync(`/proc/${pid}/net/${kind}`, "utf8").trim().split("\n").slice(1),
  );
  const sockets = rows.map((row) => row.trim().split(/\s+/)).filter((fields) => mine.has(fields[9]));
  const port = (address = "") => Number.parseInt(address.split(":").at(-1) ?? "", 16);
  const [listening, established] = ["0A", "01"];
  const own = new Set(sockets.filter(([, , , state]) => state === listening).map(([, local]) => port(local)));
  return sockets
    .filter(([, local, , state]) => state === established && !own.has(port(local)))
    .map(([, , remote]) => port(remote));
}

/** The socket that a descriptor stands for; it may have been closed meanwhile. */
function socketOf(path: string): string | undefined {
  try {
    return /^socket:\[(\d+)\]$/.exec(readlinkSync(path))?.[1];
  } catch {
    return undefined;
  }
}
