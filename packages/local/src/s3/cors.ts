import * as z from "zod/mini";
import { bucketConfig } from "./buckets.ts";
import type { Database } from "./database.ts";
import { S3Error } from "./errors.ts";
import { type Exchange, sendEmpty } from "./exchange.ts";
import { container, parseXml } from "./xml.ts";

const CorsRule = z.object({
  ID: z.optional(z.string()),
  AllowedOrigin: z.array(z.string()).check(z.minLength(1)),
  AllowedMethod: z.array(z.enum(["GET", "PUT", "POST", "DELETE", "HEAD"])).check(z.minLength(1)),
  AllowedHeader: z.optional(z.array(z.string())),
  ExposeHeader: z.optional(z.array(z.string())),
  MaxAgeSeconds: z.optional(z.string()),
});
type CorsRule = z.infer<typeof CorsRule>;
const CorsConfiguration = z.object({ CORSRule: z.array(CorsRule).check(z.minLength(1)) });

/** @throws MalformedXML */
export const parseCors = (text: string): string =>
  JSON.stringify(parseXml(text, "CORSConfiguration", container(CorsConfiguration)).CORSRule);

export function corsRules(database: Database, bucket: string): CorsRule[] {
  const document = bucketConfig(database, bucket, "cors");
  return document === undefined ? [] : z.array(CorsRule).parse(JSON.parse(document));
}

/** Sets the headers that let a page read this answer, be it an error. */
export function allowOrigin(database: Database, exchange: Exchange): void {
  const { origin } = exchange.headers;
  if (origin === undefined) return;
  const rule = matchingRule(corsRules(database, exchange.bucket), origin, exchange.method, []);
  if (rule) setHeaders(exchange, rule, origin);
}

/** Answers OPTIONS. @throws BadRequest without an origin or method, AccessForbidden without a rule */
export function preflight(database: Database, exchange: Exchange): void {
  const { origin } = exchange.headers;
  const method = exchange.headers["access-control-request-method"];
  if (origin === undefined)
    throw new S3Error("BadRequest", 400, "Insufficient information. Origin request header needed.");
  if (method === undefined)
    throw new S3Error("BadRequest", 400, "Invalid Access-Control-Request-Method: null");
  const wanted = (exchange.headers["access-control-request-headers"] ?? "")
    .split(",")
    .map((name) => name.trim().toLowerCase())
    .filter((name) => name !== "");
  const rules = corsRules(database, exchange.bucket);
  const rule = matchingRule(rules, origin, method, wanted);
  if (!rule) throw forbidden(method, rules.length > 0);
  setHeaders(exchange, rule, origin);
  const { response } = exchange;
  if (wanted.length > 0) response.setHeader("Access-Control-Allow-Headers", wanted.join(", "));
  if (rule.MaxAgeSeconds !== undefined) response.setHeader("Access-Control-Max-Age", rule.MaxAgeSeconds);
  sendEmpty(exchange);
}

const forbidden = (method: string, enabled: boolean) =>
  new S3Error(
    "AccessForbidden",
    403,
    enabled
      ? "CORSResponse: This CORS request is not allowed. This is usually because the evaluation of Origin, request method / Access-Control-Request-Method or Access-Control-Request-Headers are not whitelisted by the resource's CORS spec."
      : "CORSResponse: CORS is not enabled for this bucket.",
    { Method: method, ResourceType: "OBJECT" },
  );

function matchingRule(rules: CorsRule[], origin: string, method: string, headers: string[]) {
  return rules.find(
    (rule) =>
      rule.AllowedMethod.some((allowed) => allowed === method) &&
      rule.AllowedOrigin.some((pattern) => fits(pattern, origin)) &&
      headers.every((name) => rule.AllowedHeader?.some((pattern) => fits(pattern.toLowerCase(), name))),
  );
}

/** A pattern holds at most one `*`, for any run of characters. */
function fits(pattern: string, text: string): boolean {
  const star = pattern.indexOf("*");
  if (star < 0) return pattern === text;
  const [head, tail] = [pattern.slice(0, star), pattern.slice(star + 1)];
  return text.length >= head.length + tail.length && text.startsWith(head) && text.endsWith(tail);
}

function setHeaders({ response }: Exchange, rule: CorsRule, origin: string): void {
  const anyone = rule.AllowedOrigin.includes("*");
  response.setHeader("Access-Control-Allow-Origin", anyone ? "*" : origin);
  if (!anyone) response.setHeader("Access-Control-Allow-Credentials", "true");
  response.setHeader("Access-Control-Allow-Methods", rule.AllowedMethod.join(", "));
  if (rule.ExposeHeader) response.setHeader("Access-Control-Expose-Headers", rule.ExposeHeader.join(", "));
  response.setHeader("Vary", "Origin, Access-Control-Request-Headers, Access-Control-Request-Method");
}
