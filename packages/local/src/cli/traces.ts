import { readFileSync } from "node:fs";
import { SourceMap } from "node:module";
import { relative, resolve } from "node:path";

const places = /(?:file:\/\/)?(\/[^\s():]+\/index\.mjs):(\d+):(\d+)/g;
const maps = new Map<string, { sourceMap: SourceMap; text: string } | undefined>();

/** A line with places in bundles turned into places in the sources, as a stack trace should name them. */
export function withSources(line: string): string {
  return line.replace(places, (place, file: string, row: string, column: string) => {
    const entry = mapOf(file)?.findEntry(Number(row) - 1, Number(column) - 1);
    if (!entry || !("originalSource" in entry)) return place;
    const source = resolve(file, "..", entry.originalSource);
    return `${relative(process.cwd(), source)}:${entry.originalLine + 1}:${entry.originalColumn + 1}`;
  });
}

function mapOf(file: string): SourceMap | undefined {
  const text = textOf(`${file}.map`);
  if (!text) return undefined;
  const known = maps.get(file);
  if (known?.text === text) return known.sourceMap;
  const sourceMap = new SourceMap(JSON.parse(text));
  maps.set(file, { sourceMap, text });
  return sourceMap;
}

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}
