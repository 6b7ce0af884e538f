// `node packages/web/build.ts [folder]` writes the page, the API reference and openapi.json; dist/ by default.
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { pathToFileURL } from "node:url";
import { buildOpenApi } from "@t2m/contract/openapi";
import { build } from "esbuild";
import { renderReference } from "./src/docs/reference.ts";

const source = join(import.meta.dirname, "src");

/** Builds the static site into a folder. `config.json` is not part of it: each stage serves its own. */
export async function buildWeb(outdir: string): Promise<void> {
  await mkdir(join(outdir, "docs"), { recursive: true });
  const { metafile } = await build({
    entryPoints: [join(source, "main.ts"), join(source, "main.css"), join(source, "docs", "reference.css")],
    outdir: join(outdir, "assets"),
    entryNames: "[name]-[hash]",
    bundle: true,
    minify: true,
    sourcemap: true,
    metafile: true,
    format: "esm",
    target: ["chrome123", "firefox120", "safari17.5"],
    legalComments: "none",
  });
  const addresses = new Map<string, string>();
  for (const [file, { entryPoint }] of Object.entries(metafile.outputs)) {
    if (entryPoint) addresses.set(basename(entryPoint).replace(/\.ts$/, ".js"), `/assets/${basename(file)}`);
  }
  const withAddresses = (html: string) =>
    html.replace(/(href|src)="\/([\w.]+\.(?:js|css))"/g, (whole, attribute: string, name: string) => {
      const address = addresses.get(name);
      return address ? `${attribute}="${address}"` : whole;
    });
  const document = buildOpenApi();
  await writeFile(
    join(outdir, "index.html"),
    withAddresses(await readFile(join(source, "index.html"), "utf8")),
  );
  await writeFile(join(outdir, "icon.svg"), await readFile(join(source, "icon.svg")));
  await writeFile(join(outdir, "docs", "index.html"), withAddresses(renderReference(document)));
  await writeFile(join(outdir, "openapi.json"), JSON.stringify(document, null, 2));
}

const [, program, folder = join(import.meta.dirname, "dist")] = process.argv;
if (program && import.meta.url === pathToFileURL(program).href) await buildWeb(folder);
