import { XMLParser } from "fast-xml-parser";
import * as z from "zod/mini";
import { malformedXml } from "./errors.ts";

/** A document to write: arrays repeat their element, `undefined` leaves it out. */
export type XmlValue =
  | string
  | number
  | boolean
  | undefined
  | readonly XmlValue[]
  | { readonly [name: string]: XmlValue };

const NAMESPACE = "http://s3.amazonaws.com/doc/2006-03-01/";
const ENTITIES: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

function escaped(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: keys may hold them, and a bare CR would be read back as LF
  return text.replace(/[&<>"\u0000-\u001f]/g, (c) => ENTITIES[c] ?? `&#${c.charCodeAt(0)};`);
}

export function element(name: string, value: XmlValue, namespace = ""): string {
  if (value === undefined) return "";
  if (Array.isArray(value)) return value.map((item) => element(name, item)).join("");
  const open = namespace ? `${name} xmlns="${namespace}"` : name;
  if (typeof value !== "object") return `<${open}>${escaped(String(value))}</${name}>`;
  const children = Object.entries(value).map(([child, inner]) => element(child, inner));
  return `<${open}>${children.join("")}</${name}>`;
}

export function xmlDocument(root: string, value: XmlValue): string {
  // Errors carry no namespace on AWS.
  return `<?xml version="1.0" encoding="UTF-8"?>\n${element(root, value, root === "Error" ? "" : NAMESPACE)}`;
}

const REPEATED = new Set([
  "AllowedHeader",
  "AllowedMethod",
  "AllowedOrigin",
  "CORSRule",
  "CloudFunctionConfiguration",
  "Event",
  "ExposeHeader",
  "FilterRule",
  "Object",
  "Part",
  "QueueConfiguration",
  "Tag",
  "TopicConfiguration",
]);

const parser = new XMLParser({
  ignoreAttributes: true,
  isArray: (name) => REPEATED.has(name),
  parseTagValue: false,
  removeNSPrefix: true,
  trimValues: false,
  // Numeric references such as &#x0D; (the SDK writes them for keys) are decoded only with this on.
  htmlEntities: true,
});

/** Reads a request document whose root element is `root`. @throws MalformedXML */
export function parseXml<T>(text: string, root: string, schema: z.ZodMiniType<T>): T {
  // A DTD could define entities that grow without bound; S3 accepts none.
  if (text.includes("<!DOCTYPE")) throw malformedXml();
  let parsed: unknown;
  try {
    parsed = parser.parse(text, true);
  } catch {
    throw malformedXml();
  }
  const result = z.object({ [root]: schema }).safeParse(parsed);
  const value = result.success ? result.data[root] : undefined;
  if (value === undefined) throw malformedXml();
  return value;
}

/** An element that holds others: the parser gives an empty one as a string. */
export function container<T extends z.ZodMiniType>(schema: T) {
  const emptied = z.transform((value: unknown) =>
    typeof value === "string" && value.trim() === "" ? {} : value,
  );
  return z.pipe(emptied, schema);
}
