import * as z from "zod/mini";

const maximumSeconds = 7 * 24 * 3600;

/** Where to cut, counted from the start of the source. Check it with `trimInOrder`. */
export const trim = {
  trimStartSeconds: z.optional(
    z
      .number()
      .check(z.minimum(0), z.maximum(maximumSeconds), z.describe("Leave out everything before this second")),
  ),
  trimEndSeconds: z.optional(
    z
      .number()
      .check(z.positive(), z.maximum(maximumSeconds), z.describe("Leave out everything after this second")),
  ),
};

type Trim = { trimStartSeconds?: number | undefined; trimEndSeconds?: number | undefined };

export const trimInOrder = () =>
  z.refine<Trim>(
    ({ trimStartSeconds = 0, trimEndSeconds }) =>
      trimEndSeconds === undefined || trimEndSeconds > trimStartSeconds,
    { error: "must lie after trimStartSeconds", path: ["trimEndSeconds"] },
  );

export const bitrateKbps = <const Values extends readonly number[]>(
  values: Values,
  usual: NoInfer<Values[number]>,
) =>
  z._default(
    z.literal(values).check(z.describe("Kilobits a second: more sounds better and makes a larger file")),
    usual,
  );

export const sampleRateHz = <const Values extends readonly number[]>(values: Values) =>
  z.optional(z.literal(values).check(z.describe("Samples a second; absent keeps the source's")));

export const channels = z.optional(
  z.literal([1, 2]).check(z.describe("1 is mono, 2 is stereo; absent keeps the source's")),
);

export const bitsPerSample = z._default(
  z.literal([16, 24]).check(z.describe("16 is CD quality, 24 is for further editing")),
  16,
);

/** Encoders count quality in their own ways; these four words mean the same for all of them. */
export const qualities = ["low", "medium", "high", "best"] as const;
export const quality = z._default(
  z.enum(qualities).check(z.describe("How close to the source it should look; better makes a larger file")),
  "medium",
);

export const pixels = (minimum: number, maximum: number, description: string) =>
  z.int().check(z.minimum(minimum), z.maximum(maximum), z.describe(description));

/** A box that the picture is fitted into with its aspect kept. A smaller picture is never enlarged. */
export const size = {
  widthPixels: z.optional(pixels(64, 3840, "At most this wide; a smaller picture stays as it is")),
  heightPixels: z.optional(
    pixels(
      64,
      3840,
      "At most this high, as 240, 360, 480, 720, 1080 or 2160; a smaller picture stays as it is",
    ),
  ),
};

export const fps = (maximum: number) =>
  z
    .number()
    .check(
      z.minimum(1),
      z.maximum(maximum),
      z.describe("At most so many frames a second; never more than the source"),
    );
