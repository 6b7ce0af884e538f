import { createHmac } from "node:crypto";
import { Readable } from "node:stream";
import { expect, test } from "vitest";
import { decodeChunks } from "../../src/s3/chunked.ts";
import type { Signer } from "../../src/s3/sigv4.ts";

// The examples of AWS's "Signature calculations for the Authorization header: multiple chunks" and its trailer sibling.
const SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
const SEED = "4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9";
const CHUNKS = [
  { size: 65_536, signature: "ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648" },
  { size: 1024, signature: "0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497" },
  { size: 0, signature: "b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9" },
];
const TRAILER_SEED = "106e2a8a18243abcf37539882f36619c00e2dfc72633413f02d3b74544bfeb8e";
const TRAILER_CHUNKS = [
  { size: 65_536, signature: "b474d8862b1487a5145d686f57f013e54db672cee1c953b3010fb58501ef5aa2" },
  { size: 1024, signature: "1c1344b170168f8e65b41376b44b20fe354e373826ccbbe2c1d40a8cae51e5c7" },
  { size: 0, signature: "2ca2aba2005185cf7159c6277faf83795951dd77a3a99e6e65d5c9f85863f992" },
];
const TRAILERS =
  "x-amz-checksum-crc32c:sOO8/Q==\r\n" +
  "x-amz-trailer-signature:d81f82fc3505edab99d459891051a732e8730629a2e4a59689829ca17fe2e435\r\n";

function signer(signature: string): Signer {
  const signingKey = ["20130524", "us-east-1", "s3", "aws4_request"].reduce<string | Buffer>(
    (key, text) => createHmac("sha256", key).update(text).digest(),
    `AWS4${SECRET}`,
  );
  return {
    accessKeyId: "AKIAIOSFODNN7EXAMPLE",
    presigned: false,
    signingKey: Buffer.from(signingKey),
    date: "20130524T000000Z",
    scope: "20130524/us-east-1/s3/aws4_request",
    signature,
  };
}

function encoded(chunks: { size: number; signature?: string }[], trailers = "", letter = "a"): Buffer {
  const body = chunks.map(({ size, signature }) => {
    const head = signature ? `${size.toString(16)};chunk-signature=${signature}` : size.toString(16);
    return `${head}\r\n${size > 0 ? `${letter.repeat(size)}\r\n` : ""}`;
  });
  return Buffer.from(`${body.join("")}${trailers}\r\n`);
}

async function decode(wire: Buffer, step: number, by: Signer | null = null) {
  const pieces = Array.from({ length: Math.ceil(wire.length / step) }, (_, i) =>
    wire.subarray(i * step, (i + 1) * step),
  );
  const trailers = new Map<string, string>();
  let text = "";
  for await (const chunk of decodeChunks(Readable.from(pieces), by, trailers)) text += chunk.toString();
  return { text, trailers };
}

test.each([65_536, 8191, 100, 3])(
  "AWS's signed example decodes however it is cut: %i bytes",
  async (step) => {
    const { text } = await decode(encoded(CHUNKS), step, signer(SEED));
    expect(text).toBe("a".repeat(66_560));
  },
);

test("AWS's example with a signed trailer decodes, and one changed, unsigned or added later is refused", async () => {
  const wire = encoded(TRAILER_CHUNKS, TRAILERS);
  const { text, trailers } = await decode(wire, 1000, signer(TRAILER_SEED));
  expect(text).toHaveLength(66_560);
  expect([...trailers]).toEqual([["x-amz-checksum-crc32c", "sOO8/Q=="]]);
  const [checksum = ""] = TRAILERS.split("\r\n");
  for (const trailer of [TRAILERS.replace("sOO8", "sOO9"), `${checksum}\r\n`, `${TRAILERS}x-more:1\r\n`])
    await expect(decode(encoded(TRAILER_CHUNKS, trailer), 1000, signer(TRAILER_SEED))).rejects.toMatchObject({
      code: "SignatureDoesNotMatch",
    });
});

test("a changed byte, a chunk left out and a foreign seed break the chain of signatures", async () => {
  const broken = { code: "SignatureDoesNotMatch" };
  const [first = { size: 0, signature: "" }, , last = { size: 0, signature: "" }] = CHUNKS;
  await expect(decode(encoded(CHUNKS, "", "b"), 9999, signer(SEED))).rejects.toMatchObject(broken);
  await expect(decode(encoded([first, last]), 9999, signer(SEED))).rejects.toMatchObject(broken);
  await expect(decode(encoded(CHUNKS), 9999, signer(TRAILER_SEED))).rejects.toMatchObject(broken);
});

test("unsigned chunks carry their trailers", async () => {
  const { text, trailers } = await decode(
    encoded([{ size: 5 }, { size: 3 }, { size: 0 }], "x-amz-checksum-crc32:AAAA\r\n"),
    1,
  );
  expect(text).toBe("aaaaaaaa");
  expect(trailers.get("x-amz-checksum-crc32")).toBe("AAAA");
});

test("a stream that ends early or is not chunked is refused, without gathering it in memory", async () => {
  const wire = encoded([{ size: 500 }, { size: 0 }]);
  await expect(decode(wire.subarray(0, 300), 50)).rejects.toMatchObject({ code: "IncompleteBody" });
  await expect(decode(wire.subarray(0, -2), 50)).rejects.toMatchObject({ code: "IncompleteBody" });
  await expect(decode(Buffer.alloc(100_000, "z"), 50)).rejects.toMatchObject({ code: "InvalidRequest" });
  await expect(decode(Buffer.from("5\r\ntoo long\r\n0\r\n\r\n"), 50)).rejects.toMatchObject({
    code: "InvalidRequest",
  });
});
