import { randomBytes } from "node:crypto";
import { GetObjectCommand, S3Client, UploadPartCommand } from "@aws-sdk/client-s3";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";
import { config } from "@t2m/core/config";
import { createMultipart } from "@t2m/core/storage/multipart";
import { listParts } from "@t2m/core/storage/multipart-lists";
import { putObject } from "@t2m/core/storage/objects";
import { contentDisposition, lifetimeSeconds, partSigner, signDownload } from "@t2m/core/storage/presign";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { crc32Of, type Parts, startParts } from "../support/parts.ts";

let parts: Parts;
let sdk: S3Client;
beforeAll(async () => {
  parts = await startParts({ AWS_SESSION_TOKEN: "" });
  const { region, credentials, s3Endpoint } = config().aws;
  const { accessKeyId, secretAccessKey } = credentials;
  sdk = new S3Client({
    region,
    ...(s3Endpoint ? { endpoint: s3Endpoint } : {}),
    forcePathStyle: true,
    credentials: { accessKeyId, secretAccessKey },
    requestChecksumCalculation: "WHEN_REQUIRED",
    responseChecksumValidation: "WHEN_REQUIRED",
  });
});
afterAll(() => parts.stop());

const ref = { bucket: "uploads", key: "users/u/uploads/a/source" } as const;

async function partUrlOfSdk(
  partNumber: number,
  sizeBytes: number,
  checksum: string,
  signingDate: Date,
): Promise<string> {
  const command = new UploadPartCommand({
    Bucket: config().buckets.uploads,
    Key: ref.key,
    UploadId: "id/+=",
    PartNumber: partNumber,
    ContentLength: sizeBytes,
    ChecksumCRC32: checksum,
  });
  const names = new Set(["content-length", "host", "x-amz-checksum-crc32"]);
  return getSignedUrl(sdk, command, {
    expiresIn: 900,
    signingDate,
    signableHeaders: names,
    unhoistableHeaders: names,
  });
}

test("[C3.5] our signatures are those of AWS's own signer", async () => {
  const now = new Date();
  const checksum = crc32Of(randomBytes(5));
  const theirs = new URL(await partUrlOfSdk(7, 8_388_608, checksum, now));
  expect(theirs.searchParams.get("X-Amz-SignedHeaders")).toBe("content-length;host;x-amz-checksum-crc32");
  const ours = new URL(partSigner(ref, "id/+=", now).sign(7, 8_388_608, checksum).url);
  // The SDK adds its operation's name, which is signed with the rest: without it only the signature may differ.
  const rest = (url: URL) =>
    [...url.searchParams].filter(([name]) => name !== "x-id" && name !== "X-Amz-Signature").sort();
  expect(rest(ours)).toEqual(rest(theirs));

  const download = signDownload(
    ref,
    { fileName: "é (1).mp3", contentType: "audio/mpeg", use: "download" },
    now,
  ).url;
  const command = new GetObjectCommand({
    Bucket: config().buckets.uploads,
    Key: ref.key,
    ResponseContentDisposition: contentDisposition("attachment", "é (1).mp3"),
    ResponseContentType: "audio/mpeg",
  });
  sdk.middlewareStack.add(
    (next) => (args) => {
      const { request } = args as { request?: { query?: Record<string, string> } };
      delete request?.query?.["x-id"];
      return next(args);
    },
    { step: "build" },
  );
  const signed = await getSignedUrl(sdk, command, { expiresIn: 900, signingDate: now });
  expect(new URL(download).searchParams.get("X-Amz-Signature")).toBe(
    new URL(signed).searchParams.get("X-Amz-Signature"),
  );
  const again = new URL(await partUrlOfSdk(7, 8_388_608, checksum, now));
  expect(ours.searchParams.get("X-Amz-Signature")).toBe(again.searchParams.get("X-Amz-Signature"));
});

test("[C3.1] a signed part goes straight to S3, and only with its own bytes and length", async () => {
  const id = await createMultipart(ref);
  const bytes = randomBytes(1_000);
  const { url, headers } = partSigner(ref, id).sign(1, bytes.length, crc32Of(bytes));
  const put = async (body: Uint8Array<ArrayBuffer>, extra: Record<string, string> = headers) =>
    (await fetch(url, { method: "PUT", body, headers: extra })).status;
  const other = Uint8Array.from(bytes);
  other[500] = (other[500] ?? 0) ^ 1;
  expect(await put(other)).toBe(400);
  expect(await put(Uint8Array.from(bytes.subarray(1)))).toBe(403);
  expect(await put(other, { "x-amz-checksum-crc32": crc32Of(other) })).toBe(403);
  expect(await put(Uint8Array.from(bytes), {})).toBe(403);
  expect(await listParts(ref, id)).toEqual([]);
  expect(await put(Uint8Array.from(bytes))).toBe(200);
  expect(await listParts(ref, id)).toMatchObject([
    { partNumber: 1, sizeBytes: 1_000, checksumCrc32: crc32Of(bytes) },
  ]);
});

test("[C3.3] [V1.3] a download has the user's own file name and type, answers ranges, and ends in time", async () => {
  const object = { bucket: "videos", key: "users/u/jobs/1/outputs/main" } as const;
  await putObject({ ...object, body: "0123456789", contentType: "application/octet-stream" });
  const now = new Date();
  const file = { fileName: 'Ünï "2"\r\n.mp3', contentType: "audio/mpeg" };
  const download = signDownload(object, { ...file, use: "download" }, now);
  const response = await fetch(download.url, { headers: { range: "bytes=2-4" } });
  expect([response.status, await response.text()]).toEqual([206, "234"]);
  expect(response.headers.get("content-type")).toBe("audio/mpeg");
  expect(response.headers.get("content-disposition")).toBe(
    `attachment; filename="_n_ _2___.mp3"; filename*=UTF-8''%C3%9Cn%C3%AF%20%222%22%0D%0A.mp3`,
  );
  expect(download.expiresAt.getTime() - now.getTime()).toBe(15 * 60_000);
  const play = signDownload(object, { ...file, use: "play" }, now);
  expect(play.expiresAt.getTime() - now.getTime()).toBe(2 * 3_600_000);
  expect(new URL(play.url).searchParams.get("response-content-disposition")).toMatch(/^inline;/);

  const old = signDownload(object, { ...file, use: "download" }, new Date(now.getTime() - 16 * 60_000));
  expect((await fetch(old.url)).status).toBe(403);
  expect((await fetch(download.url.replace(/main\?/, "other?"))).status).toBe(403);
});

test("[C3.5] no URL outlives the credentials that signed it", () => {
  const { credentials } = config().aws;
  const now = new Date();
  const until = vi.spyOn(credentials, "expiresAt", "get");
  until.mockReturnValue(new Date(now.getTime() + 60_500));
  expect(lifetimeSeconds(900, now)).toBe(60);
  until.mockReturnValue(new Date(now.getTime() + 3_600_000));
  expect(lifetimeSeconds(900, now)).toBe(900);
  until.mockReturnValue(new Date(now.getTime() - 1));
  expect(() => lifetimeSeconds(900, now)).toThrow("service.unavailable");
  until.mockRestore();
});
