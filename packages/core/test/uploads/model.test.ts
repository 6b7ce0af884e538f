import { usualPartBytes } from "@t2m/contract/limits";
import type { Upload } from "@t2m/contract/uploads";
import { ApiError } from "@t2m/core/errors";
import { uploadItemKey } from "@t2m/core/live/keys";
import { updateItem } from "@t2m/core/live/table";
import { abortUpload } from "@t2m/core/uploads/abort";
import { completeUpload } from "@t2m/core/uploads/complete";
import { getUpload } from "@t2m/core/uploads/get";
import { recordPart } from "@t2m/core/uploads/record-part";
import { listStoredParts } from "@t2m/core/uploads/stored-parts";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Parts, startParts } from "../support/parts.ts";
import { begin, putPart, someone } from "./support.ts";

let parts: Parts;
beforeAll(async () => {
  parts = await startParts();
});
afterAll(() => parts.stop());

/** What an upload should be, in the simplest words. */
type Model = { status: "open" | "completed" | "gone"; stored: Set<number>; recorded: Set<number> };
type Real = { userId: string; upload: Upload };
type Command = fc.AsyncCommand<Model, Real>;

const partCount = 3;
const sizeBytes = 2 * usualPartBytes + 9;
const all = [1, 2, 3];

async function codeOf(work: Promise<unknown>): Promise<string> {
  try {
    await work;
    return "ok";
  } catch (error) {
    if (error instanceof ApiError) return error.code;
    throw error;
  }
}

/** What every verb but abort says to an upload that is not open. */
function refusal({ status }: Model): string {
  return status === "gone" ? "not_found" : "upload.not_open";
}

function command(name: string, run: (model: Model, real: Real) => Promise<void>): Command {
  return {
    check: () => true,
    toString: () => name,
    run: async (model, real) => {
      await run(model, real);
      await agree(model, real);
    },
  };
}

/** After each command a poll must tell what the model holds. */
async function agree(model: Model, { userId, upload }: Real): Promise<void> {
  const polled = getUpload({ userId, uploadId: upload.id });
  if (model.status === "gone") return expect(polled).rejects.toMatchObject({ code: "not_found" });
  const isDone = model.status === "completed";
  const bytes = [...model.recorded].reduce(
    (sum, number) => sum + (number === partCount ? 9 : usualPartBytes),
    0,
  );
  expect(await polled).toMatchObject({
    status: model.status,
    partsCompleted: isDone ? partCount : model.recorded.size,
    bytesCompleted: isDone ? sizeBytes : bytes,
    percent: isDone ? 100 : Math.min(99.9, Math.floor((bytes / sizeBytes) * 1000) / 10),
  });
}

const put = (number: number) =>
  command(`put ${number}`, async (model, { userId, upload }) => {
    if (model.status !== "open")
      return expect(await codeOf(putPart(userId, upload, number))).toBe(refusal(model));
    expect(await putPart(userId, upload, number)).toBe(200);
    model.stored.add(number);
  });

const record = (number: number, times: number) =>
  command(`record ${number} × ${times}`, async (model, { userId, upload }) => {
    const known = number <= partCount;
    const expected = model.status !== "open" ? refusal(model) : known ? "ok" : "upload.part_unknown";
    const saying = Array.from({ length: times }, () =>
      codeOf(recordPart({ userId, uploadId: upload.id, partNumber: number })),
    );
    expect(new Set(await Promise.all(saying))).toEqual(new Set([expected]));
    if (expected === "ok") model.recorded.add(number);
  });

const list = command("list", async (model, { userId, upload }) => {
  const work = listStoredParts({ userId, uploadId: upload.id });
  if (model.status !== "open") return expect(await codeOf(work)).toBe(refusal(model));
  const { parts: found, missing } = await work;
  expect(found.map(({ partNumber }) => partNumber)).toEqual(all.filter((number) => model.stored.has(number)));
  expect(missing).toEqual(all.filter((number) => !model.stored.has(number)));
  model.recorded = new Set(model.stored);
});

const complete = (times: number) =>
  command(`complete × ${times}`, async (model, { userId, upload }) => {
    const isWhole = all.every((number) => model.stored.has(number));
    const expected =
      model.status === "gone"
        ? "not_found"
        : model.status === "completed" || isWhole
          ? "ok"
          : "upload.incomplete";
    const saying = Array.from({ length: times }, () =>
      codeOf(completeUpload({ userId, uploadId: upload.id })),
    );
    expect(new Set(await Promise.all(saying))).toEqual(new Set([expected]));
    if (expected === "ok") model.status = "completed";
    if (expected === "upload.incomplete") model.recorded = new Set(model.stored);
  });

const abort = command("abort", async (model, { userId, upload }) => {
  const expected = model.status === "gone" ? "not_found" : "ok";
  expect(await codeOf(abortUpload({ userId, uploadId: upload.id }))).toBe(expected);
  model.status = "gone";
});

const expire = command("expire", async (model, { userId, upload }) => {
  if (model.status === "gone") return;
  const end = { expression: "SET expiresAt = :past", values: { ":past": Math.floor(Date.now() / 1000) - 1 } };
  await updateItem(uploadItemKey(userId, upload.id), end);
  model.status = "gone";
});

const steps = fc.commands(
  [
    fc.integer({ min: 1, max: partCount }).map(put),
    fc
      .tuple(fc.integer({ min: 1, max: partCount + 1 }), fc.integer({ min: 1, max: 3 }))
      .map(([n, t]) => record(n, t)),
    fc.constant(list),
    fc.integer({ min: 1, max: 3 }).map(complete),
    fc.integer({ min: 1, max: 3 }).map(complete),
    fc.integer({ min: 0, max: 9 }).map((dice) => (dice === 0 ? abort : put(1 + (dice % partCount)))),
    fc.integer({ min: 0, max: 9 }).map((dice) => (dice === 0 ? expire : put(1 + (dice % partCount)))),
  ],
  { maxCommands: 12 },
);

test("[C5.2] [C5.5] [C8.2] whatever is said in whatever order, an upload is what the parts in S3 make of it", async () => {
  const seed = Math.floor(Math.random() * 2 ** 31);
  console.info(`seed ${seed}`);
  // Begun with most parts there, or few runs would ever get to a completed upload.
  const begun = fc.subarray(all, { minLength: 2 });
  const run = fc.asyncProperty(begun, steps, async (present, commands) => {
    const userId = someone();
    const upload = await begin(userId, { sizeBytes });
    for (const number of present) await putPart(userId, upload, number);
    const model: Model = { status: "open", stored: new Set(present), recorded: new Set() };
    await fc.asyncModelRun(() => ({ model, real: { userId, upload } }), commands);
  });
  await fc.assert(run, { seed, numRuns: 14, endOnFailure: true });
}, 60_000);
