import * as z from "zod/mini";
import { maximumParts, maximumUrlsPerRequest } from "./limits.ts";

/** CRC32 of a part as S3 writes it: 4 bytes, big-endian, base64. */
export const ChecksumCrc32 = z
  .string()
  .check(z.regex(/^[A-Za-z0-9+/]{5}[AQgw]==$/, "must be a CRC32 in base64"));

export const PartNumber = z.int().check(z.minimum(1), z.maximum(maximumParts));

export const PartsToSign = z.strictObject({
  parts: z
    .array(z.strictObject({ partNumber: PartNumber, checksumCrc32: ChecksumCrc32 }))
    .check(z.minLength(1), z.maxLength(maximumUrlsPerRequest)),
});
export type PartsToSign = z.infer<typeof PartsToSign>;
