import { randomUUID } from "node:crypto";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { jobPrefix, objectKey, orderKey, parseKey, uploadPrefix } from "@t2m/contract/keys";
import { v7 } from "uuid";
import { expect, test } from "vitest";

const [userId, uploadId, jobId] = [randomUUID(), v7(), v7()];

test("[V1.2] every object lies below its owner, its job and its kind, and its key says whose it is", () => {
  for (const kind of ["outputs", "thumbnails", "code", "videos"] as const) {
    const key = objectKey({ userId, jobId, kind, name: "a b" });
    expect(key).toBe(`users/${userId}/jobs/${jobId}/${kind}/a b`);
    expect(key.startsWith(jobPrefix(userId, jobId))).toBe(true);
    expect(parseKey(key)).toEqual({ type: "job", userId, jobId });
  }
  const source = objectKey({ userId, uploadId });
  expect(source.startsWith(uploadPrefix(userId, uploadId))).toBe(true);
  expect(parseKey(source)).toEqual({ type: "upload", userId, uploadId });
  const order = orderKey({ userId, jobId, step: "segment:12", attempt: 3 });
  expect(order.startsWith("work/segment/")).toBe(true);
  expect(parseKey(order)).toEqual({ type: "order", userId, jobId, step: "segment:12" });
  expect(parseKey("elsewhere/x")).toBeUndefined();
});

test("[V1.2] one module builds such keys, and no other", () => {
  const packages = join(import.meta.dirname, "../../..");
  const builders = globSync("*/src/**/*.ts", { cwd: packages }).filter((file) =>
    /`users\/\$\{|"users\/" *\+/.test(readFileSync(join(packages, file), "utf8")),
  );
  expect(builders).toEqual(["contract/src/keys.ts"]);
});
