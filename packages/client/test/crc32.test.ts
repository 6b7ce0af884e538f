import { randomBytes, randomInt } from "node:crypto";
import { crc32 as nodes } from "node:zlib";
import { describe, expect, it } from "vitest";
import { base64OfCrc32, crc32 } from "../src/upload/crc32.ts";

describe("the browser's CRC32", () => {
  it("equals zlib's for any length and alignment, whole or in pieces", () => {
    for (let round = 0; round < 300; round++) {
      const length = randomInt(0, 400);
      const offset = randomInt(0, 16);
      const bytes = randomBytes(offset + length).subarray(offset);
      const cut = randomInt(0, length + 1);
      const hint = bytes.toString("hex");
      expect(crc32(bytes), hint).toBe(nodes(bytes));
      expect(crc32(bytes.subarray(cut), crc32(bytes.subarray(0, cut))), `${hint} cut at ${cut}`).toBe(
        nodes(bytes),
      );
    }
  });

  it("is written as S3 writes it", () => {
    expect(base64OfCrc32(crc32(Buffer.from("123456789")))).toBe(
      Buffer.from("cbf43926", "hex").toString("base64"),
    );
    expect(base64OfCrc32(0)).toBe("AAAAAA==");
  });
});
