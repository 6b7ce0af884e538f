// `node packages/web/build.ts [folder]` writes the page, the API reference and openapi.json; dist/ by default.
import { createHash } from "node:crypto";
import { globSync } from "node:fs";
import { cp, mkdir, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import type { Plugin } from "vite";

const here = import.meta.dirname;
const source = join(here, "src");
const cache = join(here, "node_modules", ".cache", "page");
const keptBuilds = 5;

/**
 * Builds the static site into a folder. `config.json` is not part of it: each stage serves its own.
 * What was built from the same sources before is only copied.
 */
export async function buildWeb(outdir: string): Promise<void> {
  const built = join(cache, await contentKey());
  const isThere = await stat(built).catch(() => undefined);
  if (!isThere) await buildInto(built);
  await mkdir(outdir, { recursive: true });
  // The page comes last, when everything that it names is there.
  await cp(built, outdir, { recursive: true, filter: (file) => file !== join(built, "index.html") });
  await cp(join(built, "index.html"), join(outdir, "index.html"));
}

/** Changes with everything that goes into the page. */
async function contentKey(): Promise<string> {
  const root = resolve(here, "../..");
  const files = globSync(
    [
      "packages/{web,client,contract}/src/**/*",
      "packages/web/build.ts",
      "packages/*/package.json",
      "pnpm-lock.yaml",
    ],
    { cwd: root, withFileTypes: true },
  )
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  const hash = createHash("sha256");
  for (const file of files) hash.update(file.slice(root.length)).update(await readFile(file));
  return hash.digest("hex").slice(0, 16);
}

async function buildInto(built: string): Promise<void> {
  // Whole or not at all, also where two processes build the same at once.
  const making = `${built}.${process.pid}`;
  await buildPage(making);
  await buildReference(making);
  await rename(making, built).catch(() => rm(making, { recursive: true, force: true }));
  const builds = await readdir(cache);
  const ages = await Promise.all(
    builds.map(async (name) => ({ name, at: (await stat(join(cache, name))).mtimeMs })),
  );
  const old = ages.sort((one, other) => other.at - one.at).slice(keptBuilds);
  for (const { name } of old) await rm(join(cache, name), { recursive: true, force: true });
}

async function buildPage(outDir: string): Promise<void> {
  // A test runner's would make another JSX and another React.
  process.env.NODE_ENV = "production";
  const [{ build }, { default: tailwind }] = await Promise.all([import("vite"), import("@tailwindcss/vite")]);
  await build({
    configFile: false,
    root: source,
    publicDir: false,
    logLevel: "warn",
    plugins: [tailwind(), waveformWithoutStyle()],
    build: {
      outDir,
      emptyOutDir: true,
      sourcemap: true,
      target: ["chrome123", "firefox120", "safari17.5"],
      modulePreload: { polyfill: false },
      // Data URLs would need exceptions in the Content-Security-Policy.
      assetsInlineLimit: 0,
      reportCompressedSize: false,
      rolldownOptions: {
        // "use client" means nothing here, and every second module of a library says it.
        onLog: (level, log, tell) => log.code !== "MODULE_LEVEL_DIRECTIVE" && tell(level, log),
      },
    },
  });
}

async function buildReference(outDir: string): Promise<void> {
  const [{ buildOpenApi }, { renderReference }] = await Promise.all([
    import("@t2m/contract/openapi"),
    import("./src/docs/reference.ts"),
  ]);
  const document = buildOpenApi();
  const styles = await readFile(join(source, "docs", "reference.css"), "utf8");
  const name = `reference-${createHash("sha256").update(styles).digest("hex").slice(0, 8)}.css`;
  const html = renderReference(document).replace("/reference.css", `/assets/${name}`);
  await mkdir(join(outDir, "docs"), { recursive: true });
  await writeFile(join(outDir, "assets", name), styles);
  await writeFile(join(outDir, "docs", "index.html"), html);
  await writeFile(join(outDir, "openapi.json"), JSON.stringify(document, null, 2));
  await writeFile(join(outDir, "icon.svg"), await readFile(join(source, "icon.svg")));
}

/** Takes the <style> out of wavesurfer.js that our Content-Security-Policy forbids; see media/waveform-styles.ts. */
function waveformWithoutStyle(): Plugin {
  return {
    name: "waveform-without-style",
    transform(code, id) {
      if (!/wavesurfer\.js\/dist\/wavesurfer\.esm\.js/.test(id)) return undefined;
      const without = code.replace(/<style\$\{[\s\S]*?<\/style>/, "");
      if (without === code) throw new Error("wavesurfer.js has no <style> where it used to be; see build.ts");
      return { code: without, map: null };
    },
  };
}

const [, program, folder = join(here, "dist")] = process.argv;
if (program && import.meta.url === pathToFileURL(program).href) await buildWeb(folder);
