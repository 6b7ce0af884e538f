import { execFile } from "node:child_process";
import { join } from "node:path";
import { sharedStack } from "@t2m/local/testing";
import { expect, test } from "vitest";

const program = join(import.meta.dirname, "../doctor.ts");

function doctor(args: readonly string[], environment: Record<string, string> = {}) {
  const env = { PATH: process.env.PATH, ...environment };
  return new Promise<{ code: number | string | null | undefined; text: string }>((resolve) => {
    execFile(process.execPath, [program, ...args], { env }, (error, stdout, stderr) => {
      resolve({ code: error ? error.code : 0, text: stdout + stderr });
    });
  });
}

test("[V5.3] the doctor finds a machine fit, part by part", async () => {
  const { code, text } = await doctor([]);
  expect(text).toContain("All is well.");
  for (const part of ["Node", "Java", "Postgres", "ffmpeg", "ffprobe", "disk"])
    expect(text).toMatch(`ok    ${part}`);
  expect(code).toBe(0);
});

test("[C7.4] [V5.5] every missing variable is named, in one run", async () => {
  const { code, text } = await doctor([], { T2M_STAGE: "nowhere" });
  for (const name of ["T2M_LIVE_TABLE", "T2M_BUCKET_UPLOADS", "T2M_ISSUER", "AWS_REGION"])
    expect(text).toContain(name);
  expect(code).toBe(1);
});

test("[V5.3] a stage's own configuration is checked against its services", async () => {
  const { environment } = sharedStack();
  const well = await doctor([], { ...environment });
  expect(well).toEqual({ code: 0, text: expect.stringContaining("is well (live table, object store)") });

  const ill = await doctor([], { ...environment, AWS_ENDPOINT_URL_S3: "http://127.0.0.1:1" });
  expect(ill).toEqual({ code: 1, text: expect.stringContaining("object store does not answer") });
});

test("[V5.3] a deployed API tells the doctor how it is", async () => {
  const { apiUrl } = sharedStack();
  expect(await doctor(["--url", apiUrl])).toMatchObject({ code: 0 });
  const wrong = await doctor(["--url", "http://127.0.0.1:1/api"]);
  expect(wrong).toEqual({ code: 1, text: expect.stringContaining("does not answer") });
});
