import { objectKey } from "@t2m/contract/keys";
import { bytesOfPart } from "@t2m/contract/limits";
import type { PartsToSign } from "@t2m/contract/parts";
import type { SignedParts } from "@t2m/contract/uploads";
import { partSigner } from "../storage/presign.ts";
import { needUpload, type UploadKey } from "./item.ts";
import { notOpen, partUnknown } from "./refused.ts";

/**
 * URLs for parts, each good for exactly that part's length and checksum and for at most 15 minutes. One read of one
 * item; S3 is not asked. Throws `ApiError`: not_found, upload.not_open, upload.part_unknown.
 */
export async function signParts(input: UploadKey & { parts: PartsToSign["parts"] }): Promise<SignedParts> {
  const item = await needUpload(input);
  if (item.status !== "open") throw notOpen();
  const { sizeBytes, partBytes, partCount, multipartId } = item;
  const unknown = input.parts.filter(({ partNumber }) => partNumber > partCount);
  if (unknown.length > 0)
    throw partUnknown(
      unknown.map(({ partNumber }) => partNumber),
      partCount,
    );
  const signer = partSigner({ bucket: "uploads", key: objectKey(input) }, multipartId);
  return {
    parts: input.parts.map(({ partNumber, checksumCrc32 }) => ({
      partNumber,
      ...signer.sign(partNumber, bytesOfPart(partNumber, sizeBytes, partBytes), checksumCrc32),
    })),
    expiresAt: signer.expiresAt.toISOString(),
  };
}
