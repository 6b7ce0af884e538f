import { extname } from "node:path";
import { formats } from "@t2m/contract/presets/preset";

/** Formats that people bring and that no preset makes. */
const others: Record<string, string> = {
  aac: "audio/aac",
  ac3: "audio/ac3",
  aif: "audio/aiff",
  amr: "audio/amr",
  avi: "video/x-msvideo",
  flv: "video/x-flv",
  m2ts: "video/mp2t",
  m4v: "video/x-m4v",
  mpeg: "video/mpeg",
  mpg: "video/mpeg",
  oga: "audio/ogg",
  ogv: "video/ogg",
  ts: "video/mp2t",
  wma: "audio/x-ms-wma",
  wmv: "video/x-ms-wmv",
  "3gp": "video/3gpp",
};

/** What a file is, by its name; the bytes decide later. */
export function mediaTypeOf(path: string): string {
  const extension = extname(path).slice(1).toLowerCase();
  const made = Object.values(formats).find((format) => format.extension === extension);
  return made?.contentType ?? others[extension] ?? "application/octet-stream";
}
