import { createHmac, hash } from "node:crypto";

/** AWS Signature Version 4: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html */

type Signer = {
  credentials: { accessKeyId: string; secretAccessKey: string; sessionToken: string | undefined };
  region: string;
  service: "s3" | "dynamodb" | "rds-db";
};

type Unsigned = {
  method: string;
  host: string;
  /** Encoded as it goes over the wire. */
  path: string;
  query?: Record<string, string>;
  /** Names in lower case. All of them are signed. */
  headers?: Record<string, string>;
};

export const unsignedPayload = "UNSIGNED-PAYLOAD";

/** The headers to send: those given, and what proves who sends them. */
export function signedHeaders(
  signer: Signer,
  request: Unsigned,
  payloadHash: string,
  now = new Date(),
): Record<string, string> {
  const time = amzDate(now);
  const headers: Record<string, string> = { ...request.headers, host: request.host, "x-amz-date": time };
  if (signer.service === "s3") headers["x-amz-content-sha256"] = payloadHash;
  if (signer.credentials.sessionToken) headers["x-amz-security-token"] = signer.credentials.sessionToken;
  const scope = scopeOf(signer, time);
  const canonical = canonicalHeaders(headers);
  const signature = signatureOf(signer, time, scope, [
    request.method,
    request.path,
    encodeQuery(request.query ?? {}),
    canonical.lines,
    canonical.names,
    payloadHash,
  ]);
  headers.authorization = `AWS4-HMAC-SHA256 Credential=${signer.credentials.accessKeyId}/${scope}, SignedHeaders=${canonical.names}, Signature=${signature}`;
  return headers;
}

/**
 * Signs many queries that share time, host, path and names of signed headers: what they have in common is
 * written once, so that each costs one SHA-256 and one HMAC. Returns the encoded query with its signature.
 */
export function querySigner(
  signer: Signer,
  request: Pick<Unsigned, "method" | "host" | "path">,
  expiresSeconds: number,
  now = new Date(),
): (query: Record<string, string>, headers?: Record<string, string>) => string {
  const time = amzDate(now);
  const scope = scopeOf(signer, time);
  const { accessKeyId, sessionToken } = signer.credentials;
  // Parameters are signed in byte order: these begin with a capital X, all that vary sort behind or say so.
  const common = `X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Content-Sha256=${unsignedPayload}&X-Amz-Credential=${encode(`${accessKeyId}/${scope}`)}&X-Amz-Date=${time}&X-Amz-Expires=${expiresSeconds}${sessionToken ? `&X-Amz-Security-Token=${encode(sessionToken)}` : ""}&X-Amz-SignedHeaders=`;
  return (query, headers = {}) => {
    const canonical = canonicalHeaders({ ...headers, host: request.host });
    const own = encodeQuery(query);
    const fixed = common + encode(canonical.names);
    // Upper case sorts before lower; a parameter in front of "X-Amz-" would need a full sort, and S3 has none.
    const encoded = own === "" ? fixed : `${fixed}&${own}`;
    const signature = signatureOf(signer, time, scope, [
      request.method,
      request.path,
      encoded,
      canonical.lines,
      canonical.names,
      unsignedPayload,
    ]);
    return `${encoded}&X-Amz-Signature=${signature}`;
  };
}

/** The encoded query of one request without a body, with its signature: what the request is, is all in its address. */
export function signedQuery(
  signer: Signer,
  request: Pick<Unsigned, "method" | "host" | "path"> & { query: Record<string, string> },
  expiresSeconds: number,
  now = new Date(),
): string {
  const time = amzDate(now);
  const scope = scopeOf(signer, time);
  const { accessKeyId, sessionToken } = signer.credentials;
  const canonical = canonicalHeaders({ host: request.host });
  const query = encodeQuery({
    ...request.query,
    "X-Amz-Algorithm": "AWS4-HMAC-SHA256",
    "X-Amz-Credential": `${accessKeyId}/${scope}`,
    "X-Amz-Date": time,
    "X-Amz-Expires": String(expiresSeconds),
    ...(sessionToken ? { "X-Amz-Security-Token": sessionToken } : {}),
    "X-Amz-SignedHeaders": canonical.names,
  });
  const { method, path } = request;
  const signature = signatureOf(signer, time, scope, [
    method,
    path,
    query,
    canonical.lines,
    canonical.names,
    sha256(""),
  ]);
  return `${query}&X-Amz-Signature=${signature}`;
}

/** Percent-encoding as AWS signs it: everything but letters, digits and `-._~`. */
export function encode(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

/** `a=1&b=2` in the order that is signed. */
export function encodeQuery(query: Record<string, string>): string {
  return Object.entries(query)
    .map(([name, value]) => `${encode(name)}=${encode(value)}`)
    .sort()
    .join("&");
}

export function sha256(content: string | Uint8Array): string {
  return hash("sha256", content, "hex");
}

function amzDate(moment: Date): string {
  return moment.toISOString().replace(/[-:]|\.\d{3}/g, "");
}

function scopeOf({ region, service }: Signer, time: string): string {
  return `${time.slice(0, 8)}/${region}/${service}/aws4_request`;
}

function canonicalHeaders(headers: Record<string, string>) {
  const sorted = Object.keys(headers).sort();
  const lines = sorted.map((name) => `${name}:${headers[name]?.trim().replace(/ +/g, " ")}\n`).join("");
  return { lines, names: sorted.join(";") };
}

function signatureOf(signer: Signer, time: string, scope: string, canonical: readonly string[]): string {
  const text = `AWS4-HMAC-SHA256\n${time}\n${scope}\n${sha256(canonical.join("\n"))}`;
  return createHmac("sha256", signingKey(signer, scope)).update(text).digest("hex");
}

/** One key a day, region and service; deriving it costs four HMACs. */
const signingKeys = new Map<string, Buffer>();

function signingKey({ credentials }: Signer, scope: string): Buffer {
  const name = `${credentials.secretAccessKey}/${scope}`;
  const known = signingKeys.get(name);
  if (known) return known;
  const start = Buffer.from(`AWS4${credentials.secretAccessKey}`);
  const key = scope
    .split("/")
    .reduce<Buffer>((secret, word) => createHmac("sha256", secret).update(word).digest(), start);
  if (signingKeys.size >= 8) signingKeys.clear();
  signingKeys.set(name, key);
  return key;
}
