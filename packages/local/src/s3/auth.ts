import { isoTime } from "./encoding.ts";
import { accessDenied, invalidArgument, invalidRequest, S3Error } from "./errors.ts";
import type { Exchange } from "./exchange.ts";
import { type Claim, type Signer, verifySignature } from "./sigv4.ts";

export type Credentials = { accessKeyId: string; secretAccessKey: string };

const SKEW_MILLISECONDS = 15 * 60_000;
const LONGEST_EXPIRY_SECONDS = 604_800;

export type Known = {
  credentials: Credentials;
  /** Further ones with the same secret. */
  otherAccessKeyIds?: ReadonlySet<string>;
  region: string;
};

/** Who sent this, by SigV4 in the Authorization header or in the query. Nothing of the body is read.
 * @throws AccessDenied, SignatureDoesNotMatch, RequestTimeTooSkewed and S3's other refusals */
export function authenticate(exchange: Exchange, { credentials, otherAccessKeyIds, region }: Known): Signer {
  const claim = readClaim(exchange);
  const [accessKeyId = "", day = "", claimedRegion, service, end] = claim.credential.split("/");
  if (accessKeyId !== credentials.accessKeyId && !otherAccessKeyIds?.has(accessKeyId))
    throw new S3Error(
      "InvalidAccessKeyId",
      403,
      "The AWS Access Key Id you provided does not exist in our records.",
      {
        AWSAccessKeyId: accessKeyId,
      },
    );
  if (service !== "s3" || end !== "aws4_request" || !claim.date.startsWith(day))
    throw malformed(claim, "the credential scope is not valid");
  if (claimedRegion !== region)
    throw malformed(claim, `the region '${claimedRegion}' is wrong; expecting '${region}'`);
  if (claim.presigned) checkExpiry(exchange, claim);
  else checkSkew(claim);
  refuseUnsigned(exchange, claim);
  checkPayloadHeader(exchange, claim);
  return verifySignature(exchange, claim, credentials.secretAccessKey);
}

const malformed = (claim: Claim, reason: string) =>
  claim.presigned
    ? new S3Error(
        "AuthorizationQueryParametersError",
        400,
        `Error parsing the X-Amz-Credential parameter; ${reason}`,
      )
    : new S3Error("AuthorizationHeaderMalformed", 400, `The authorization header is malformed; ${reason}`);

function readClaim({ query, request }: Exchange): Claim {
  const signature = query.get("X-Amz-Signature");
  if (signature)
    return {
      presigned: true,
      credential: query.get("X-Amz-Credential") ?? "",
      signedHeaders: query.get("X-Amz-SignedHeaders") ?? "",
      signature,
      date: query.get("X-Amz-Date") ?? "",
    };
  const { authorization } = request.headers;
  if (!authorization) throw accessDenied();
  const found =
    /^AWS4-HMAC-SHA256\s+Credential=([^,]+),\s*SignedHeaders=([^,]+),\s*Signature=([0-9a-f]+)$/.exec(
      authorization,
    );
  const [, credential, signedHeaders, given] = found ?? [];
  if (!credential || !signedHeaders || !given)
    throw invalidRequest(
      "The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256.",
    );
  const date = request.headers["x-amz-date"];
  return { presigned: false, credential, signedHeaders, signature: given, date: String(date ?? "") };
}

/** @returns epoch milliseconds */
function signedAt(claim: Claim): number {
  const iso = claim.date.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, "$1-$2-$3T$4:$5:$6Z");
  const time = iso === claim.date ? Number.NaN : Date.parse(iso);
  if (Number.isNaN(time)) throw malformed(claim, "the date is not ISO 8601 basic format");
  return time;
}

function checkExpiry({ query }: Exchange, claim: Claim): void {
  const start = signedAt(claim);
  const seconds = Number(query.get("X-Amz-Expires"));
  if (!(seconds >= 1 && seconds <= LONGEST_EXPIRY_SECONDS))
    throw new S3Error(
      "AuthorizationQueryParametersError",
      400,
      "X-Amz-Expires must be between 1 and 604800 seconds",
    );
  const now = Date.now();
  const end = start + seconds * 1000;
  if (now > end)
    throw accessDenied("Request has expired", {
      "X-Amz-Expires": seconds,
      Expires: isoTime(end),
      ServerTime: isoTime(now),
    });
  if (start > now + SKEW_MILLISECONDS) throw accessDenied("Request is not valid yet");
}

function checkSkew(claim: Claim): void {
  const now = Date.now();
  if (Math.abs(now - signedAt(claim)) > SKEW_MILLISECONDS)
    throw new S3Error(
      "RequestTimeTooSkewed",
      403,
      "The difference between the request time and the current time is too large.",
      { RequestTime: claim.date, ServerTime: isoTime(now), MaxAllowedSkewMilliseconds: SKEW_MILLISECONDS },
    );
}

function refuseUnsigned({ request }: Exchange, claim: Claim): void {
  const signed = claim.signedHeaders.split(";");
  // Of a presigned request's headers the payload's hash is in the signature under its own name.
  const exempt = claim.presigned ? "x-amz-content-sha256" : "";
  const unsigned = Object.keys(request.headers).filter(
    (name) => name.startsWith("x-amz-") && name !== exempt && !signed.includes(name),
  );
  if (unsigned.length > 0)
    throw accessDenied("There were headers present in the request which were not signed", {
      HeadersNotSigned: unsigned.join(", "),
    });
}

const PAYLOADS = new Set([
  "UNSIGNED-PAYLOAD",
  "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
  "STREAMING-AWS4-HMAC-SHA256-PAYLOAD",
  "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER",
]);

function checkPayloadHeader({ request }: Exchange, claim: Claim): void {
  const value = request.headers["x-amz-content-sha256"];
  if (value === undefined && claim.presigned) return;
  if (value === undefined)
    throw invalidRequest("Missing required header for this request: x-amz-content-sha256");
  const text = String(value);
  if (PAYLOADS.has(text) || /^[0-9a-f]{64}$/.test(text)) return;
  throw invalidArgument(
    "x-amz-content-sha256 must be UNSIGNED-PAYLOAD, STREAMING-UNSIGNED-PAYLOAD-TRAILER, STREAMING-AWS4-HMAC-SHA256-PAYLOAD or a valid sha256 value.",
    "x-amz-content-sha256",
    text,
  );
}
