import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { claimStep } from "@t2m/core/jobs/claim";
import { completeStep } from "@t2m/core/jobs/complete";
import { getJob } from "@t2m/core/jobs/get";
import { queueJob } from "@t2m/core/jobs/queue";
import { sweepDue } from "@t2m/core/jobs/sweep";
import { afterEach, expect, test, vi } from "vitest";
import { type Asked, type Fate, startProxy } from "./proxy.ts";
import { claimed, givenJob, historyOf, output, useParts } from "./support.ts";

const parts = useParts();
const script = new URL("crash-worker.ts", import.meta.url).pathname;
afterEach(() => void vi.useRealTimers());

const isWrite = ({ operation }: Asked) => !["GetItem", "Query"].includes(operation);

/** Runs the worker until its write number `fatal`, which is carried out or not; then it is dead. Gives its writes. */
async function runWorker(key: { userId: string; jobId: string }, fatal: number, fate: Fate): Promise<number> {
  let child: ChildProcess | undefined;
  let writes = 0;
  const decide = (request: Asked): Fate => {
    if (isWrite(request)) writes++;
    if (writes < fatal) return "pass";
    child?.kill("SIGKILL");
    // What it sent before the signal reached it comes too late.
    return isWrite(request) && writes === fatal ? fate : "refused";
  };
  const { services, s3 } = parts;
  const proxies = await Promise.all([
    startProxy(services.dynamodb.endpoint, decide),
    startProxy(s3.url, decide),
  ]);
  const [dynamodb, objects] = proxies;
  const env = { ...process.env, AWS_ENDPOINT_URL_DYNAMODB: dynamodb.url, AWS_ENDPOINT_URL_S3: objects.url };
  child = spawn(process.execPath, [script, key.userId, key.jobId], { env, stdio: "ignore" });
  await once(child, "exit");
  await Promise.all(proxies.map((proxy) => proxy.stop()));
  return writes;
}

test("[V2.3] a worker killed before or after any of its writes leaves nothing stuck: another does the step, once", async () => {
  const whole = await givenJob("waiting");
  const writes = await runWorker(whole, Infinity, "pass");
  expect(await getJob(whole)).toMatchObject({ status: "completed" });
  expect(writes).toBe(5); // Queued, claimed, a heartbeat, the output, completed.

  const keys = new Map<string, { userId: string; jobId: string }>();
  for (let fatal = 1; fatal <= writes; fatal++) {
    await Promise.all(
      (["refused", "answer-lost"] as const).map(async (fate) => {
        const key = await givenJob("waiting");
        keys.set(`write ${fatal} ${fate}`, key);
        await runWorker(key, fatal, fate);
      }),
    );
  }

  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 30_000 });
  for (const key of keys.values()) await queueJob(key); // S3's event comes again.
  for (let round = 0; round < 4; round++) {
    vi.setSystemTime(Date.now() + 120_000);
    await sweepDue({ until: Date.now() + 60_000 });
    for (const key of keys.values()) {
      const claim = await claimStep({ ...key, step: "convert" });
      if (claim) await completeStep(claim, { outputs: [output] });
    }
  }
  for (const [death, key] of keys) {
    const history = await historyOf(key);
    expect(
      history.filter((type) => type === "job.completed"),
      `${death}: ${history}`,
    ).toHaveLength(1);
  }
}, 60_000);

test("[V2.3] an answer that is lost is not a second completion: the repeated request finds its own work", async () => {
  const key = await givenJob("queued");
  const claim = await claimed(key);
  let lost = 0;
  const proxy = await startProxy(parts.services.dynamodb.endpoint, ({ operation }) => {
    if (operation !== "TransactWriteItems" || lost > 0) return "pass";
    lost++;
    return "answer-lost";
  });
  const child = spawn(process.execPath, ["--input-type=module", "-e", completing(claim)], {
    env: { ...process.env, AWS_ENDPOINT_URL_DYNAMODB: proxy.url },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const said = (await child.stdout.toArray()).join("");
  await proxy.stop();
  expect(said).toContain("ended");
  expect(lost).toBe(1);
  expect((await historyOf(key)).filter((type) => type === "job.completed")).toHaveLength(1);
}, 20_000);

function completing(claim: object): string {
  const file = new URL("../../src/jobs/complete.ts", import.meta.url).href;
  return `import { completeStep } from ${JSON.stringify(file)};
    console.log(await completeStep(${JSON.stringify(claim)}));`;
}
