import { request as httpRequest } from "node:http";
import { connect } from "node:net";
import { Readable } from "node:stream";
import { crc32 } from "node:zlib";
import {
  CreateMultipartUploadCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  ListPartsCommand,
  PutObjectCommand,
  UploadPartCommand,
} from "@aws-sdk/client-s3";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";
import { expect, onTestFinished, test } from "vitest";
import { CREDENTIALS, client, MIB, needed, noise, refusal, refusalOf, until, useRig } from "./support/rig.ts";

const rig = useRig();

function crc(bytes: Uint8Array): string {
  const value = Buffer.alloc(4);
  value.writeUInt32BE(crc32(bytes));
  return value.toString("base64");
}

/** A part's URL as the application signs it: for one length and one checksum, as headers. */
async function partUrl(bytes: Uint8Array) {
  const at = { Bucket: await rig.bucket(), Key: "up/load.bin" };
  const { UploadId } = await rig.s3.send(
    new CreateMultipartUploadCommand({ ...at, ChecksumAlgorithm: "CRC32", ChecksumType: "FULL_OBJECT" }),
  );
  const command = new UploadPartCommand({
    ...at,
    UploadId,
    PartNumber: 1,
    ContentLength: bytes.length,
    ChecksumCRC32: crc(bytes),
  });
  const headers = new Set(["content-length", "x-amz-checksum-crc32"]);
  const url = await getSignedUrl(rig.s3, command, {
    expiresIn: 60,
    signableHeaders: headers,
    unhoistableHeaders: headers,
  });
  const parts = async () =>
    (await rig.s3.send(new ListPartsCommand({ ...at, UploadId: needed(UploadId) }))).Parts ?? [];
  return { url, parts };
}

test("a part's URL takes exactly the bytes it was signed for", async () => {
  const body = noise(100_000);
  const { url, parts } = await partUrl(body);
  expect(new URL(url).searchParams.get("X-Amz-SignedHeaders")).toBe(
    "content-length;host;x-amz-checksum-crc32",
  );
  const headers = { "x-amz-checksum-crc32": crc(body) };
  const changed = Buffer.from(body);
  changed.writeUInt8(changed.readUInt8(5) ^ 1, 5);

  const bad = await fetch(url, { method: "PUT", body: changed, headers });
  expect(await refusalOf(bad)).toEqual({ code: "BadDigest", status: 400 });
  const forged = await fetch(url, {
    method: "PUT",
    body: changed,
    headers: { "x-amz-checksum-crc32": crc(changed) },
  });
  expect(await refusalOf(forged)).toEqual({ code: "SignatureDoesNotMatch", status: 403 });
  const short = await fetch(url, { method: "PUT", body: body.subarray(1), headers });
  expect(await refusalOf(short)).toEqual({ code: "SignatureDoesNotMatch", status: 403 });
  const without = await fetch(url, { method: "PUT", body });
  expect(await refusalOf(without)).toEqual({ code: "SignatureDoesNotMatch", status: 403 });
  expect(await parts()).toEqual([]);

  const good = await fetch(url, { method: "PUT", body, headers });
  expect(good.status).toBe(200);
  expect(await parts()).toMatchObject([{ ETag: good.headers.get("etag"), ChecksumCRC32: crc(body) }]);
});

test("a checksum in the query is enforced, but for the presigner's placeholder of an empty body", async () => {
  const at = { Bucket: await rig.bucket(), Key: "k" };
  const body = noise(1000);
  const command = new PutObjectCommand({ ...at, ChecksumCRC32: crc(body) });
  const url = await getSignedUrl(rig.s3, command, { expiresIn: 60 });
  expect(new URL(url).searchParams.get("x-amz-checksum-crc32")).toBe(crc(body));
  const bad = await fetch(url, { method: "PUT", body: noise(1000) });
  expect(await refusalOf(bad)).toEqual({ code: "BadDigest", status: 400 });
  expect((await fetch(url, { method: "PUT", body })).status).toBe(200);

  const any = await getSignedUrl(rig.s3, new PutObjectCommand(at), { expiresIn: 60 });
  expect(new URL(any).searchParams.get("x-amz-checksum-crc32")).toBe("AAAAAA==");
  expect((await fetch(any, { method: "PUT", body })).status).toBe(200);
});

test("content type and length can be signed", async () => {
  const at = { Bucket: await rig.bucket(), Key: "k" };
  const signer = client(rig.server.url, { requestChecksumCalculation: "WHEN_REQUIRED" });
  const command = new PutObjectCommand({ ...at, ContentType: "audio/wav", ContentLength: 4 });
  const url = await getSignedUrl(signer, command, {
    expiresIn: 60,
    signableHeaders: new Set(["host", "content-type", "content-length"]),
  });
  const put = (body: string, type: string) =>
    fetch(url, { method: "PUT", body, headers: { "content-type": type } });
  const refused = { code: "SignatureDoesNotMatch", status: 403 };
  expect(await refusalOf(await put("wave", "audio/mpeg"))).toEqual(refused);
  expect(await refusalOf(await put("waves", "audio/wav"))).toEqual(refused);
  expect((await put("wave", "audio/wav")).status).toBe(200);
});

test("a presigned GET gives the file under its name and no other object", async () => {
  const at = { Bucket: await rig.bucket(), Key: "söng +1.mp3" };
  await rig.s3.send(new PutObjectCommand({ ...at, Body: "la la" }));
  const command = new GetObjectCommand({
    ...at,
    ResponseContentDisposition: "attachment; filename*=UTF-8''s%C3%B6ng.mp3",
  });
  const url = await getSignedUrl(rig.s3, command, { expiresIn: 60 });
  const got = await fetch(url, { headers: { range: "bytes=3-4" } });
  expect([got.status, await got.text()]).toEqual([206, "la"]);
  expect(got.headers.get("content-disposition")).toBe("attachment; filename*=UTF-8''s%C3%B6ng.mp3");

  for (const tampered of [
    url.replace("%2B1", "%2B2"),
    url.replace("filename", "filenam3"),
    url.replace("X-Amz-Expires=60", "X-Amz-Expires=6000"),
    `${url}&versionId=null`,
  ]) {
    expect(await refusalOf(await fetch(tampered))).toEqual({ code: "SignatureDoesNotMatch", status: 403 });
  }
  const deleting = await fetch(url, { method: "DELETE" });
  expect((await refusalOf(deleting)).code).toBe("SignatureDoesNotMatch");
});

test("URLs are refused once expired, when not yet valid, and beyond a week", async () => {
  const command = new GetObjectCommand({ Bucket: await rig.bucket(), Key: "k" });
  const sign = (agoSeconds: number, expiresIn: number) =>
    getSignedUrl(rig.s3, command, { expiresIn, signingDate: new Date(Date.now() - agoSeconds * 1000) });

  const expired = await fetch(await sign(120, 60));
  const text = await expired.text();
  expect(expired.status).toBe(403);
  expect(text).toContain("<Message>Request has expired</Message>");
  expect(text).toContain("<Code>AccessDenied</Code>");
  expect(await refusalOf(await fetch(await sign(-3600, 60)))).toEqual({ code: "AccessDenied", status: 403 });
  const long = (await sign(0, 60)).replace("X-Amz-Expires=60", "X-Amz-Expires=604801");
  expect(await refusalOf(await fetch(long))).toEqual({
    code: "AuthorizationQueryParametersError",
    status: 400,
  });
});

test("requests without, with another's, or with a stale signature are refused", async () => {
  const Bucket = await rig.bucket();
  const list = (config: object) => client(rig.server.url, config).send(new ListObjectsV2Command({ Bucket }));
  const secret = { ...CREDENTIALS, secretAccessKey: "wrong" };
  expect(await refusal(list({ credentials: secret }))).toEqual({
    code: "SignatureDoesNotMatch",
    status: 403,
  });
  const nobody = { ...CREDENTIALS, accessKeyId: "AKIANOBODY" };
  expect(await refusal(list({ credentials: nobody }))).toEqual({ code: "InvalidAccessKeyId", status: 403 });
  const stale = { systemClockOffset: -16 * 60_000 };
  expect(await refusal(list(stale))).toEqual({ code: "RequestTimeTooSkewed", status: 403 });
  const region = { code: "AuthorizationHeaderMalformed", status: 400 };
  expect(await refusal(list({ region: "us-west-2" }))).toEqual(region);
  const anonymous = await fetch(`${rig.server.url}/${Bucket}`);
  expect(await refusalOf(anonymous)).toEqual({ code: "AccessDenied", status: 403 });
  expect(anonymous.headers.get("x-amz-request-id")).toMatch(/^[0-9A-F]{16}$/);
  const basic = await fetch(`${rig.server.url}/${Bucket}`, { headers: { authorization: "Basic eDp5" } });
  expect(await refusalOf(basic)).toEqual({ code: "InvalidRequest", status: 400 });
});

test("an x-amz header that was not signed is refused", async () => {
  const at = { Bucket: await rig.bucket(), Key: "k" };
  const url = await getSignedUrl(rig.s3, new PutObjectCommand(at), { expiresIn: 60 });
  const put = await fetch(url, { method: "PUT", body: "x", headers: { "x-amz-meta-owner": "mallory" } });
  expect(await refusalOf(put)).toEqual({ code: "AccessDenied", status: 403 });
});

test("a signed payload that was changed on the way is refused and not stored", async () => {
  const at = { Bucket: await rig.bucket(), Key: "k" };
  const spoiling = client(rig.server.url, { requestChecksumCalculation: "WHEN_REQUIRED" });
  spoiling.middlewareStack.add(
    (next) => (args) => {
      Object.assign(Object(args.request), { body: "tampered" });
      return next(args);
    },
    { step: "finalizeRequest", priority: "low" },
  );
  const put = spoiling.send(new PutObjectCommand({ ...at, Body: "original" }));
  expect(await refusal(put)).toEqual({ code: "XAmzContentSHA256Mismatch", status: 400 });
  expect((await rig.s3.send(new ListObjectsV2Command({ Bucket: at.Bucket }))).KeyCount).toBe(0);
});

test("a refused body need not be sent: the answer comes in place of 100 Continue", async () => {
  const Bucket = await rig.bucket();
  const outcome = await new Promise<string>((resolve, reject) => {
    const put = httpRequest(`${rig.server.url}/${Bucket}/k`, {
      method: "PUT",
      headers: { expect: "100-continue", "content-length": 1e9 },
    });
    put.on("continue", () => resolve("told to go on"));
    put.on("response", (response) => {
      resolve(`${response.statusCode}`);
      put.destroy();
    });
    put.on("error", reject);
    put.flushHeaders();
  });
  expect(outcome).toBe("403");
});

test("a plus sign in a query is a plus sign, encoded or not", async () => {
  const Bucket = await rig.bucket();
  await rig.s3.send(new PutObjectCommand({ Bucket, Key: "a+b", Body: "x" }));
  const url = await getSignedUrl(rig.s3, new ListObjectsV2Command({ Bucket, Prefix: "a+b" }), {
    expiresIn: 60,
  });
  expect(url).toContain("prefix=a%2Bb");
  const listed = await fetch(url.replace("a%2Bb", "a+b"));
  expect(await listed.text()).toContain("<Key>a+b</Key>");
});

test("a client that is refused while it sends a large body reads the refusal", async () => {
  const url = `${rig.server.url}/${await rig.bucket()}/k`;
  const body = noise(8 * MIB);
  const put = () =>
    new Promise<number | undefined>((resolve, reject) => {
      const sent = httpRequest(url, { method: "PUT", headers: { "content-length": body.length } });
      sent.on("response", (response) => {
        response.resume().on("end", () => resolve(response.statusCode));
      });
      sent.on("error", reject);
      sent.end(body);
    });
  for (let i = 0; i < 5; i += 1) expect(await put()).toBe(403);
});

test("after a refusal the rest of the body is passed over and the connection goes on", async () => {
  const socket = connect(rig.server.port, "127.0.0.1");
  onTestFinished(() => void socket.destroy());
  let answers = "";
  socket.on("data", (data) => {
    answers += data.toString();
  });
  socket.write("PUT /b/k HTTP/1.1\r\nhost: localhost\r\ncontent-length: 3000000\r\n\r\n");
  socket.write(noise(3_000_000));
  socket.write("GET /b/k HTTP/1.1\r\nhost: localhost\r\n\r\n");
  await until(() => answers.split("HTTP/1.1 403").length === 3, "both answers");
});

test("a body refused half-way still gets its answer", async () => {
  const Bucket = await rig.bucket();
  const Objects = Array.from({ length: 1000 }, (_, i) => ({ Key: `${i}`.padEnd(5000, "k") }));
  const long = rig.s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects } }));
  expect(await refusal(long)).toEqual({ code: "MaxMessageLengthExceeded", status: 400 });

  // The SDK announces 1000 bytes in chunks; these go out in their place.
  const putAs = async (...chunks: string[]) => {
    const spoiling = client(rig.server.url);
    spoiling.middlewareStack.add(
      (next) => (args) => {
        Object.assign(Object(args.request), { body: Readable.from(chunks) });
        return next(args);
      },
      { step: "finalizeRequest", priority: "low" },
    );
    const Body = Readable.from([noise(1000)]);
    return refusal(spoiling.send(new PutObjectCommand({ Bucket, Key: "k", Body, ContentLength: 1000 })));
  };
  const unreadable = await putAs("5\r\nhello\r\n", "no chunk\r\n", "x".repeat(100_000));
  expect(unreadable).toEqual({ code: "InvalidRequest", status: 400 });
  expect(await putAs("5\r\nhello\r\n0\r\n\r\n")).toEqual({ code: "IncompleteBody", status: 400 });
});
