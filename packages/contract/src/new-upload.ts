import * as z from "zod/mini";
import { Job } from "./jobs.ts";
import { maximumConversionsPerUpload, maximumObjectBytes } from "./limits.ts";
import { ConversionRequest } from "./presets.ts";
import { FileName, Upload } from "./uploads.ts";

// Not in uploads.ts: with these come all presets, which only who makes an upload shall carry.

export const NewUpload = z.strictObject({
  name: FileName,
  /** The media type the browser or system believes in; the bytes decide later. */
  type: z.string().check(z.maxLength(255)),
  sizeBytes: z
    .int("must be a whole number of bytes")
    .check(
      z.minimum(1, "the file is empty: there is nothing to convert"),
      z.maximum(maximumObjectBytes, "is more than S3 itself can hold"),
    ),
  /** Each becomes a job that starts by itself once the file is here. */
  conversions: z._default(z.array(ConversionRequest).check(z.maxLength(maximumConversionsPerUpload)), []),
});
export type NewUpload = z.infer<typeof NewUpload>;

export const CreatedUpload = z.object({ upload: Upload, jobs: z.array(Job) });
export type CreatedUpload = z.infer<typeof CreatedUpload>;
