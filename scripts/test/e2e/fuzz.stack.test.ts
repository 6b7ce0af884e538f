import { NewJob } from "@t2m/contract/jobs";
import { NewUpload } from "@t2m/contract/new-upload";
import { PartsToSign } from "@t2m/contract/parts";
import { presetIds } from "@t2m/contract/presets";
import { sharedStack } from "@t2m/local/testing";
import fc from "fast-check";
import { beforeAll, expect, test } from "vitest";
import type * as z from "zod/mini";
import { arrive, type Person } from "../support/person.ts";
import { ask, flawOf } from "../support/raw-http.ts";
import { itemsOf, objectsOf } from "../support/stored.ts";

const stack = sharedStack();
const seed = Math.floor(Math.random() * 2 ** 31);
let person: Person;
let uploadId: string;
beforeAll(async () => {
  Object.assign(process.env, stack.environment);
  person = await arrive(stack);
  const body = { name: "open.wav", type: "audio/wav", sizeBytes: 20_000_000 };
  uploadId = (await person.client.createUpload({ body })).upload.id;
});

const anything = fc.jsonValue({ maxDepth: 3 });
/** Mostly what is meant, now and then anything at all. */
const mostly = (meant: fc.Arbitrary<unknown>) =>
  fc.oneof({ weight: 5, arbitrary: meant }, { weight: 1, arbitrary: anything });
const number = fc.oneof(fc.integer(), fc.double(), fc.constantFrom(0, 1, 128, 44_100, 2 ** 53, 1e300));
const options = fc.dictionary(
  fc.constantFrom("bitrateKbps", "channels", "quality", "trimStartSeconds", "widthPixels", "__proto__", "x"),
  fc.oneof(number, anything),
  { maxKeys: 3 },
);
const conversion = fc.record(
  { preset: mostly(fc.constantFrom(...presetIds)), options: mostly(options) },
  { requiredKeys: [] },
);
const name = fc.oneof(
  fc.string({ unit: "binary", maxLength: 300 }),
  fc.constantFrom("a.wav", "../a", "a\u0000", "💿.mp3"),
);
const type = fc.oneof(fc.constantFrom("audio/wav", "video/mp4", "", "text/html", "audio/"), fc.string());

const shapes = {
  createUpload: mostly(
    fc.record(
      {
        name: mostly(name),
        type: mostly(type),
        sizeBytes: mostly(number),
        conversions: mostly(fc.array(conversion, { maxLength: 3 })),
      },
      { requiredKeys: [] },
    ),
  ),
  createJob: mostly(
    fc.record(
      { uploadId: mostly(fc.uuid({ version: 7 })), conversion: mostly(conversion) },
      { requiredKeys: [] },
    ),
  ),
  signParts: mostly(
    fc.record({
      parts: mostly(
        fc.array(fc.record({ partNumber: mostly(number), checksumCrc32: mostly(fc.base64String()) }), {
          maxLength: 4,
        }),
      ),
    }),
  ),
};

/** Posts bodies of a shape: a 4xx for what the contract does not take, and never anything but 2xx and 4xx. */
async function fuzz(path: string, bodies: fc.Arbitrary<unknown>, contract: z.ZodMiniType): Promise<number> {
  let taken = 0;
  const property = fc.asyncProperty(bodies, async (body) => {
    const headers = { authorization: `Bearer ${person.token}`, "content-type": "application/json" };
    const answer = await ask(stack.apiUrl, { method: "POST", path, headers, body: JSON.stringify(body) });
    const isTaken = answer.status === 200 || answer.status === 201;
    if (isTaken) taken++;
    if (isTaken && contract.safeParse(JSON.parse(JSON.stringify(body))).success) return;
    expect(flawOf(answer)).toBeUndefined();
  });
  await fc.assert(property, { seed, numRuns: 150 });
  return taken;
}

test(`[A8.6] whatever is posted, it is taken as the contract has it or refused with a reason, and what is refused leaves nothing (seed ${seed})`, async () => {
  const before = await itemsOf(stack.dynamodb, person.userId);
  await fuzz(`/uploads/${uploadId}/parts/urls`, shapes.signParts, PartsToSign);
  expect(await fuzz("/jobs", shapes.createJob, NewJob)).toBe(0);
  expect(await itemsOf(stack.dynamodb, person.userId)).toEqual(before);

  const made = await fuzz("/uploads", shapes.createUpload, NewUpload);
  const uploads = (await itemsOf(stack.dynamodb, person.userId)).filter((key) => key.startsWith("upload#"));
  expect(uploads).toHaveLength(1 + made);
  expect(await objectsOf(person.userId)).toHaveLength(1 + made);
});
