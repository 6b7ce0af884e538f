import { api, type OperationName } from "@t2m/contract/api";
import { startServices } from "@t2m/local/testing";
import { v7 } from "uuid";
import { beforeAll, expect, test, vi } from "vitest";
import { givenUpload, newPerson, nobodys } from "./support/record.ts";
import { problemOf } from "./support/request.ts";

beforeAll(async () => {
  await startServices();
  // Nobody listens there.
  process.env.T2M_DATABASE_URL = "postgres://t2m@127.0.0.1:1/postgres";
});

const bodies: Partial<Record<OperationName, object>> = {
  changeMe: { name: "Ada" },
  shareFile: { expiresInSeconds: 600 },
  createBatch: { jobs: [{ uploadId: v7(), conversion: { preset: "mp3" } }] },
  changeAccess: { role: "user", permissions: [] },
  setSuspension: { isSuspended: true },
};
const ofRecord = Object.entries(api).flatMap(([name, { route }]) =>
  /^\/(history|me|files|shared|batches|queue|admin)\b/.test(route.path) ? [name as OperationName] : [],
);

test("[V4.5] without Postgres each operation of the record says 503 and when to come again, and fast; the live plane goes on", async () => {
  const ada = newPerson();
  const uploadId = await givenUpload(ada.userId);
  const body = { uploadId, conversion: { preset: "mp3" } };
  const took: number[] = [];
  const logged = vi.spyOn(process.stdout, "write").mockReturnValue(true);
  for (const name of ofRecord) {
    const began = performance.now();
    const answer = await ada.asks(name, { params: nobodys, ...(bodies[name] && { body: bodies[name] }) });
    took.push(performance.now() - began);
    expect([name, answer.status, problemOf(answer).code]).toEqual([name, 503, "service.unavailable"]);
    expect(Number(answer.headers["retry-after"])).toBeGreaterThan(0);
  }
  expect(logged).toHaveBeenCalled();
  expect(ofRecord.length).toBeGreaterThan(30);
  // The first ones find out and load their handler; then it is known.
  const last = took.slice(-10).toSorted((a, b) => a - b);
  expect(last[5]).toBeLessThan(100);
  expect((await ada.asks("getUpload", { params: { uploadId } })).status).toBe(200);
  const job = await ada.asks("createJob", { body });
  expect(job.status).toBe(201);
  expect((await ada.asks("getJob", { params: { jobId: Object(job.body).id } })).status).toBe(200);
});
