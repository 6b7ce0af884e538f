import { mkdir, open, realpath, rm, stat } from "node:fs/promises";
import { basename, dirname, extname, join, resolve, sep } from "node:path";
import { UsageError } from "./failures.ts";

/** Throws `UsageError` where an input is no file that can be read. */
export async function checkInput(path: string): Promise<void> {
  const found = await stat(path).catch(() => undefined);
  if (!found) throw new UsageError(`${path}: there is no such file`);
  if (found.isDirectory()) throw new UsageError(`${path} is a folder; name the files in it`);
  if (!found.isFile()) throw new UsageError(`${path} is not a file`);
  if (found.size === 0) throw new UsageError(`${path} is empty: there is nothing to convert`);
  const handle = await open(path).catch(() => undefined);
  if (!handle) throw new UsageError(`${path} cannot be read`);
  await handle.close();
}

export type Wish = {
  /** `--output`: a folder, or for a single result the file itself. */
  output?: string | undefined;
  /** Whether more than one result is to come, so that `output` must be a folder. */
  several: boolean;
  /** The folder that results go to without `output`. */
  beside: string;
};

/** Where a result called `fileName` should go. Makes the folder. */
export async function placeFor(fileName: string, { output, several, beside }: Wish): Promise<string> {
  // The service names files; a separator in one must not lead anywhere else.
  const safeName = basename(fileName.replaceAll("\\", "/"));
  if (output === undefined) return join(beside, safeName);
  const isFolder = several || output.endsWith(sep) || output.endsWith("/") || (await isDirectory(output));
  const place = isFolder ? join(output, safeName) : output;
  await mkdir(dirname(resolve(place)), { recursive: true }).catch((error: unknown) => {
    throw new UsageError(`${dirname(place)} cannot be made a folder: ${String(error)}`);
  });
  return place;
}

export type Claim = {
  path: string;
  /** Gives the name back, where nothing was written after all. */
  release(): Promise<void>;
};

/**
 * Claims a file to write to. What exists is kept and " (1)" is added to the name, and so on; with `force` it will be
 * replaced, unless it is one of `inputs`, which are never touched.
 */
export async function claim(wanted: string, force: boolean, inputs: readonly string[]): Promise<Claim> {
  const kept = new Set(await Promise.all(inputs.map((input) => realpath(input).catch(() => resolve(input)))));
  const extension = extname(wanted);
  const stem = wanted.slice(0, wanted.length - extension.length);
  for (let count = 0; ; count++) {
    const path = count === 0 ? wanted : `${stem} (${count})${extension}`;
    const isInput = kept.has(await realpath(path).catch(() => resolve(path)));
    if (isInput) continue;
    if (force && (await isFile(path))) return { path, release: async () => undefined };
    // Made at once, so that two results of the same name cannot both take it.
    const made = await open(path, "wx").catch((error: NodeJS.ErrnoException) => {
      if (error.code !== "EEXIST") throw new UsageError(`${path} cannot be written: ${error.message}`);
    });
    if (!made) continue;
    await made.close();
    return { path, release: () => rm(path, { force: true }) };
  }
}

async function isFile(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isFile() ?? false;
}

async function isDirectory(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isDirectory() ?? false;
}
