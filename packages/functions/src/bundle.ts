import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join, relative, resolve } from "node:path";
import { type BuildOptions, type BuildResult, build, context } from "esbuild";
import { bundleOptions, requireBanner } from "./bundle-options.ts";
import { functions } from "./manifest.ts";

export type BundleOptions = {
  outputDirectory: string;
  /** Which functions; all where absent. */
  names?: readonly string[];
  /** Other functions than the manifest's, and where their handlers lie. */
  functions?: Readonly<Record<string, { handler: string }>>;
  sourceDirectory?: string;
};

export type BundledFunction = {
  name: string;
  /** The folder to start it from; its handler is `index.handler` there. */
  directory: string;
  file: string;
  sizeBytes: number;
};

export type Rebuilt = { bundled: BundledFunction[]; changed: string[] };

export type Watching = { stop: () => Promise<void> };

/** A build that failed, with esbuild's messages and places in the text. */
export class BundleError extends Error {
  override name = "BundleError";
}

type Output = BuildResult<{ write: false; metafile: true }>;

/**
 * Bundles functions to one minified `<name>/index.mjs` each, its source map beside it.
 * @throws BundleError
 */
export async function bundleFunctions(options: BundleOptions): Promise<BundledFunction[]> {
  const result = await build({ ...buildOptions(options), logLevel: "silent" }).catch((error: unknown) => {
    throw new BundleError(error instanceof Error ? error.message : String(error));
  });
  const written = await writeOutputs(result, options.outputDirectory);
  return written.map(({ hasChanged: _, ...bundled }) => bundled);
}

/**
 * Bundles, and again on each change of a file that went in.
 * @param onBuild told of each build: every function, and the names of those that came out different; or what is wrong
 */
export async function watchFunctions(
  options: BundleOptions,
  onBuild: (outcome: Rebuilt | { error: BundleError }) => void | Promise<void>,
): Promise<Watching> {
  const watcher = await context({
    ...buildOptions(options),
    logLevel: "silent",
    plugins: [
      {
        name: "write",
        setup: ({ onEnd }) => {
          onEnd(async (result) => {
            if (result.errors.length > 0) {
              const lines = result.errors.map(({ text, location }) =>
                location ? `${location.file}:${location.line}:${location.column}: ${text}` : text,
              );
              return onBuild({ error: new BundleError(lines.join("\n")) });
            }
            const written = await writeOutputs(result as Output, options.outputDirectory);
            await onBuild({
              bundled: written.map(({ hasChanged: _, ...bundled }) => bundled),
              changed: written.filter(({ hasChanged }) => hasChanged).map(({ name }) => name),
            });
          });
        },
      },
    ],
  });
  await watcher.watch();
  return { stop: () => watcher.dispose() };
}

function buildOptions(options: BundleOptions) {
  const specs: Readonly<Record<string, { handler: string }>> = options.functions ?? functions;
  const names = options.names ?? Object.keys(specs);
  const source = options.sourceDirectory ?? import.meta.dirname;
  const entryPoints = names.map((name) => {
    const spec = specs[name];
    if (!spec) throw new BundleError(`There is no function named ${name}`);
    return { in: join(source, `${spec.handler}.ts`), out: `${name}/index` };
  });
  return {
    ...bundleOptions,
    mainFields: [...bundleOptions.mainFields],
    entryPoints,
    outdir: options.outputDirectory,
    outExtension: { ".js": ".mjs" },
    write: false,
    metafile: true,
  } as const satisfies BuildOptions;
}

async function writeOutputs(result: Output, outputDirectory: string) {
  const maps = new Map(result.outputFiles.map((file) => [file.path, file.text]));
  const bundles = Object.entries(result.metafile.outputs).filter(([, output]) => output.entryPoint);
  return Promise.all(
    bundles.map(async ([path, output]) => {
      const file = resolve(path);
      const code = maps.get(file) ?? "";
      const map = maps.get(`${file}.map`) ?? "";
      const needsRequire = output.imports.some(({ kind, external }) => kind === "require-call" && external);
      const text = needsRequire ? requireBanner + code : code;
      const hasChanged = (await readFile(file, "utf8").catch(() => undefined)) !== text;
      if (hasChanged) {
        await mkdir(dirname(file), { recursive: true });
        await writeFile(`${file}.map`, needsRequire ? oneLineLower(map) : map);
        await writeFile(file, text);
      }
      const name = relative(resolve(outputDirectory), dirname(file));
      return { name, directory: dirname(file), file, sizeBytes: Buffer.byteLength(text), hasChanged };
    }),
  );
}

/** The banner takes the first line; in a source map each line's mappings end with a semicolon. */
function oneLineLower(map: string): string {
  return map.replace('"mappings": "', '"mappings": ";');
}
