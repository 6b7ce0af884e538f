import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import { uriEncode } from "./encoding.ts";
import { accessDenied, S3Error } from "./errors.ts";
import type { Exchange } from "./exchange.ts";

export type Signer = {
  accessKeyId: string;
  presigned: boolean;
  /** For the signatures of chunks, which go on from the request's own. */
  signingKey: Buffer;
  date: string;
  scope: string;
  signature: string;
};

export type Claim = {
  presigned: boolean;
  /** `{accessKeyId}/{day}/{region}/s3/aws4_request` */
  credential: string;
  signedHeaders: string;
  signature: string;
  /** `20250102T030405Z` */
  date: string;
};

export const hmacSha256 = (key: string | Buffer, text: string) =>
  createHmac("sha256", key).update(text, "utf8").digest();

export const sha256Hex = (text: string) => createHash("sha256").update(text, "utf8").digest("hex");

export function sameSignature(expected: Buffer, given: string): boolean {
  const bytes = Buffer.from(given, "hex");
  return bytes.length === expected.length && timingSafeEqual(bytes, expected);
}

/** Recomputes the signature from what really arrived. @throws SignatureDoesNotMatch */
export function verifySignature(exchange: Exchange, claim: Claim, secretAccessKey: string): Signer {
  const [accessKeyId = "", day = "", region = ""] = claim.credential.split("/");
  const canonical = canonicalRequest(exchange, claim);
  const scope = `${day}/${region}/s3/aws4_request`;
  const stringToSign = ["AWS4-HMAC-SHA256", claim.date, scope, sha256Hex(canonical)].join("\n");
  const signingKey = ["s3", "aws4_request"].reduce(hmacSha256, dayKey(secretAccessKey, day, region));
  if (!sameSignature(hmacSha256(signingKey, stringToSign), claim.signature))
    throw new S3Error(
      "SignatureDoesNotMatch",
      403,
      "The request signature we calculated does not match the signature you provided. Check your key and signing method.",
      {
        AWSAccessKeyId: accessKeyId,
        StringToSign: stringToSign,
        SignatureProvided: claim.signature,
        CanonicalRequest: canonical,
      },
    );
  const { presigned, date, signature } = claim;
  return { accessKeyId, presigned, signingKey, date, scope, signature };
}

const dayKey = (secret: string, day: string, region: string) =>
  hmacSha256(hmacSha256(`AWS4${secret}`, day), region);

function canonicalRequest({ method, path, query, request }: Exchange, claim: Claim): string {
  const names = claim.signedHeaders.split(";");
  if (!names.includes("host")) throw accessDenied("Signed headers must include host");
  const headers = names.map((name) => {
    const value = request.headers[name];
    const text = Array.isArray(value) ? value.join(",") : (value ?? "");
    return `${name}:${text.trim().replace(/\s+/g, " ")}`;
  });
  // Each segment is normalised: a client may send characters plain that the signature has encoded.
  const uri = path
    .split("/")
    .map((segment) => uriEncode(decodeURIComponent(segment)))
    .join("/");
  const parameters = [...query]
    .filter(([name]) => name !== "X-Amz-Signature")
    .map(([name, value]) => ({ name: uriEncode(name), value: uriEncode(value) }))
    .sort((a, b) => order(a.name, b.name) || order(a.value, b.value))
    .map(({ name, value }) => `${name}=${value}`);
  const payload = request.headers["x-amz-content-sha256"] ?? query.get("X-Amz-Content-Sha256");
  return [
    method,
    uri,
    parameters.join("&"),
    ...headers,
    "",
    claim.signedHeaders,
    payload ?? "UNSIGNED-PAYLOAD",
  ].join("\n");
}

const order = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);
