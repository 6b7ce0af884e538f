import { S3Client, UploadPartCommand } from "@aws-sdk/client-s3";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";
import { placeholders } from "./environment.ts";
import { compare } from "./quiet.ts";
import type { Section } from "./report.ts";

const key = "users/00000000-0000-5000-8000-000000000000/uploads/01900000-0000-7000-8000-000000000000/source";
const multipartId = "2~abcdefghijklmnopqrstuvwxyz0123456789";
const partBytes = 8 * 1024 * 1024;
const checksumCrc32 = "AAAAAA==";
const batches = 20;

/** A batch of 100 part URLs, each pinned to a length and a checksum, against 100 calls of the SDK's presigner. */
export async function measure(): Promise<Section> {
  Object.assign(process.env, placeholders);
  const { partSigner } = await import("@t2m/core/storage/presign");
  const client = new S3Client({
    region: placeholders.AWS_REGION,
    credentials: { accessKeyId: "bench", secretAccessKey: "bench" },
    requestChecksumCalculation: "WHEN_REQUIRED",
  });
  const times = await compare(9, {
    ours: async () => {
      for (let batch = 0; batch < batches; batch++) {
        const { sign } = partSigner({ bucket: "uploads", key }, multipartId);
        for (let part = 1; part <= 100; part++) sign(part, partBytes, checksumCrc32);
      }
    },
    sdk: async () => {
      for (let batch = 0; batch < batches; batch++) {
        for (let part = 1; part <= 100; part++) {
          const command = new UploadPartCommand({
            Bucket: placeholders.T2M_BUCKET_UPLOADS,
            Key: key,
            UploadId: multipartId,
            PartNumber: part,
            ContentLength: partBytes,
            ChecksumCRC32: checksumCrc32,
          });
          await getSignedUrl(client, command, {
            expiresIn: 900,
            unhoistableHeaders: new Set(["x-amz-checksum-crc32"]),
            signableHeaders: new Set(["host", "content-length", "x-amz-checksum-crc32"]),
          });
        }
      }
    },
  });
  return {
    title: "Signing parts",
    about: `A batch of 100 URLs takes ${(times.ours.medianMs / batches).toFixed(2)} ms here, the SDK ${(times.sdk.medianMs / batches).toFixed(1)} ms.`,
    findings: [
      {
        what: "SDK's presigner ÷ ours, 100 part URLs",
        value: times.sdk.medianMs / times.ours.medianMs,
        unit: "×",
        goal: { atLeast: 8 },
        note: `${times.ours.kept} and ${times.sdk.kept} quiet runs`,
      },
    ],
  };
}
