import { randomBytes } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { S3Error } from "./errors.ts";
import type { Fault } from "./faults.ts";
import type { Signer } from "./sigv4.ts";
import { type XmlValue, xmlDocument } from "./xml.ts";

export type Headers = Record<string, string | undefined>;

/** One request and its answer. */
export type Exchange = {
  request: IncomingMessage;
  response: ServerResponse;
  requestId: string;
  method: string;
  /** As sent, percent-encoded. */
  path: string;
  /** Empty for the service itself. */
  bucket: string;
  /** Empty for the bucket itself. */
  key: string;
  query: URLSearchParams;
  /** Lower-case names; a presigned URL's `x-amz-*` parameters count as headers, as on S3. */
  headers: Headers;
  signer: Signer | null;
  /** As for who may not list the bucket: what is not there is forbidden. */
  hidesMissing: boolean;
  /** What a deletion named, one object or many. */
  removed: { key: string; versionId: string | null }[];
  /** Bodies alone, as on the wire. */
  bytesIn: number;
  bytesOut: number;
  fault: Fault | null;
};

const SIGNATURE_PARAMETERS =
  /^x-amz-(algorithm|credential|date|expires|signedheaders|signature|security-token|content-sha256)$/i;

/** @throws S3Error 400 for a path that is not UTF-8 in percent-encoding */
export function openExchange(request: IncomingMessage, response: ServerResponse): Exchange {
  const [path = "/", ...rest] = (request.url ?? "/").split("?");
  const query = new URLSearchParams(rest.join("?").replaceAll("+", "%2B"));
  const requestId = randomBytes(8).toString("hex").toUpperCase();
  response.setHeader("x-amz-request-id", requestId);
  response.setHeader("x-amz-id-2", Buffer.from(requestId).toString("base64"));
  response.setHeader("Server", "AmazonS3");
  const slash = path.indexOf("/", 1);
  return {
    request,
    response,
    requestId,
    method: request.method ?? "GET",
    path,
    bucket: decoded(slash < 0 ? path.slice(1) : path.slice(1, slash)),
    key: slash < 0 ? "" : decoded(path.slice(slash + 1)),
    query,
    headers: flatHeaders(request, query),
    signer: null,
    hidesMissing: false,
    removed: [],
    bytesIn: 0,
    bytesOut: 0,
    fault: null,
  };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new S3Error("InvalidURI", 400, "Couldn't parse the specified URI.", { URI: text });
  }
}

function flatHeaders(request: IncomingMessage, query: URLSearchParams): Headers {
  const headers: Headers = {};
  if (query.has("X-Amz-Signature"))
    for (const [name, value] of query)
      if (name.toLowerCase().startsWith("x-amz-") && !SIGNATURE_PARAMETERS.test(name))
        headers[name.toLowerCase()] = value;
  for (const [name, value] of Object.entries(request.headers))
    headers[name] = Array.isArray(value) ? value.join(",") : value;
  return headers;
}

/** A header of the presigned query has no say over one that was really sent. */
export const isHoisted = (exchange: Exchange, header: string) =>
  exchange.request.headers[header] === undefined && exchange.headers[header] !== undefined;

export function sendEmpty(exchange: Exchange, status = 200): void {
  exchange.response.writeHead(status, status === 204 ? {} : { "content-length": 0 }).end();
}

export function sendXml(exchange: Exchange, root: string, value: XmlValue, status = 200): void {
  sendText(exchange, xmlDocument(root, value), "application/xml", status);
}

export function sendText(exchange: Exchange, text: string, contentType: string, status = 200): void {
  const body = Buffer.from(text);
  exchange.response.writeHead(status, { "content-type": contentType, "content-length": body.length });
  if (exchange.method === "HEAD") return void exchange.response.end();
  exchange.bytesOut += body.length;
  exchange.response.end(body);
}

export function sendError(exchange: Exchange, error: S3Error): void {
  for (const name of ["ETag", "Accept-Ranges"])
    if (error.status !== 304) exchange.response.removeHeader(name);
  if (error.status === 304) return void exchange.response.writeHead(304).end();
  // A HEAD has no body to hold a code; its answer must not announce a length either.
  if (exchange.method === "HEAD") return void exchange.response.writeHead(error.status).end();
  const { bucket, key, requestId } = exchange;
  sendXml(
    exchange,
    "Error",
    {
      Code: error.code,
      Message: error.message,
      ...error.details,
      Resource: key ? `/${bucket}/${key}` : `/${bucket}`,
      RequestId: requestId,
      HostId: requestId,
    },
    error.status,
  );
}
