import { XMLParser } from "fast-xml-parser";
import * as z from "zod/mini";

/** Elements that may come once, often or never. */
const lists = ["Part", "Upload", "Version", "DeleteMarker", "Error", "Contents"];

const parser = new XMLParser({
  ignoreDeclaration: true,
  parseTagValue: false,
  trimValues: false,
  isArray: (name) => lists.includes(name),
});

/** S3's answer as `shape` wants it. Throws where it is another. */
export function parseXml<T extends z.ZodMiniType>(text: string, root: string, shape: T): z.output<T> {
  return z.parse(z.object({ [root]: shape }), parser.parse(text))[root] as z.output<T>;
}

/** S3 writes numbers and booleans as words. */
export const xmlNumber = z.pipe(z.string().check(z.regex(/^\d+$/)), z.transform(Number));
export const xmlBoolean = z.pipe(
  z.enum(["true", "false"]),
  z.transform((word) => word === "true"),
);
