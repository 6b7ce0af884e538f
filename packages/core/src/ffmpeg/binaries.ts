import { accessSync, constants } from "node:fs";
import { createRequire } from "node:module";
import { delimiter, dirname, join } from "node:path";

export type Binaries = { ffmpeg: string; ffprobe: string };

/** Paths from the configuration win; `searchPath` is the process's PATH. */
export type BinaryPaths = {
  ffmpeg?: string | undefined;
  ffprobe?: string | undefined;
  searchPath?: string | undefined;
};

const require = createRequire(import.meta.url);
const platform = `${process.platform}-${process.arch}`;

/**
 * Finds ffmpeg and ffprobe: where the configuration says, else as installed from npm, else on the search path.
 * Throws an Error that says what to do when one is nowhere; a configured path is never silently replaced.
 */
export function findBinaries(paths: BinaryPaths = {}): Binaries {
  return {
    ffmpeg: find("ffmpeg", "T2M_FFMPEG", paths.ffmpeg, `@ffmpeg-binary/${platform}`, paths.searchPath),
    ffprobe: find(
      "ffprobe",
      "T2M_FFPROBE",
      paths.ffprobe,
      `@ffprobe-installer/${platform}`,
      paths.searchPath,
    ),
  };
}

function find(name: string, variable: string, configured: string | undefined, npm: string, searchPath = "") {
  if (configured) {
    if (isExecutable(configured)) return configured;
    throw new Error(`${variable} names ${configured}, which is no program that can be run`);
  }
  const places = [packageFolder(npm), ...searchPath.split(delimiter)].filter((place) => place !== "");
  const found = places.map((place) => join(place, name)).find(isExecutable);
  if (found) return found;
  throw new Error(`${name} was not found: install ${npm} from npm, or set ${variable} to the program's path`);
}

function packageFolder(name: string): string {
  try {
    return dirname(require.resolve(`${name}/package.json`));
  } catch {
    return "";
  }
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
