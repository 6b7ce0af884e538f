import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { sharedStack } from "@t2m/local/testing";
import { expect, test } from "vitest";

const run = promisify(execFile);
const smoke = (...parameters: string[]) => run(process.execPath, ["scripts/smoke.ts", ...parameters]);

test("[C9.1] [C9.2] [C9.3] [C9.4] [C9.5] `pnpm smoke` proves each step of a running stage: upload, resume, convert, events, download, record, cancel, isolation, bad input, deletion", async () => {
  const { stdout } = await smoke("--url", sharedStack().url);
  expect(stdout).toMatch(/\n13 ok, 0 failed, 0 not run\n$/);
}, 120_000);

test("`pnpm smoke` ends with 1 where a check fails, and with 2 for a wrong command line", async () => {
  const { url } = sharedStack();
  await expect(smoke("--url", url, "--token", "forged")).rejects.toMatchObject({
    code: 1,
    stdout: expect.stringMatching(/FAIL {2}an upload is killed[\s\S]*not run/),
  });
  await expect(smoke("--url")).rejects.toMatchObject({ code: 2, stderr: expect.stringMatching(/^Usage/) });
});
