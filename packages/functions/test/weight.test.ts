import { join } from "node:path";
import { bundleOptions } from "@t2m/functions/bundle-options";
import { functions } from "@t2m/functions/manifest";
import { type BuildOptions, build } from "esbuild";
import { expect, test } from "vitest";

/** What a handler's bundle weighs and whose code it holds. */
async function weigh(handler: string): Promise<{ kilobytes: number; inputs: string[] }> {
  const options: BuildOptions = {
    ...bundleOptions,
    mainFields: [...bundleOptions.mainFields],
    entryPoints: [join(import.meta.dirname, `../src/${handler}.ts`)],
    outdir: "out",
    write: false,
    metafile: true,
    logLevel: "silent",
  };
  const { metafile } = await build(options);
  const output = Object.values(metafile?.outputs ?? {}).find(({ entryPoint }) => entryPoint);
  const inputs = Object.entries(output?.inputs ?? {}).flatMap(([path, { bytesInOutput }]) =>
    bytesInOutput > 0 ? [path] : [],
  );
  return { kilobytes: (output?.bytes ?? Number.NaN) / 1024, inputs };
}

test.each(["get-upload", "get-job", "sign-parts"] as const)(
  "%s, which everybody waits for, carries no presets, no XML and no SDK, and stays below 48 KB",
  async (name) => {
    const { kilobytes, inputs } = await weigh(functions[name].handler);
    expect(inputs.filter((path) => /presets|fast-xml-parser|@aws-sdk|@smithy|jose/.test(path))).toEqual([]);
    expect(kilobytes).toBeLessThan(48);
  },
);

const answering = Object.entries(functions).filter(([, { handler }]) => handler.startsWith("http/"));

test.each(answering)(
  "%s stays below 200 KB, with Postgres below 280, without an SDK's client",
  async (_, spec) => {
    const { kilobytes, inputs } = await weigh(spec.handler);
    expect(inputs.filter((path) => /@aws-sdk|@smithy/.test(path))).toEqual([]);
    expect(kilobytes).toBeLessThan("database" in spec ? 280 : 200);
  },
);
