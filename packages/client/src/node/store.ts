import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import * as z from "zod/mini";
import type { ResumeStore } from "../upload/resume.ts";

const Entry = z.object({ uploadId: z.string() });
const keptForMs = 30 * 24 * 3600 * 1000;

/**
 * Remembers uploads in a folder, one small JSON file each, so that commands running side by side do not disturb
 * each other. `scope` keeps services apart. Entries that nobody came back for within 30 days are dropped.
 */
export function folderStore(folder: string, scope: string): ResumeStore {
  const fileOf = (key: string) =>
    join(
      folder,
      `${createHash("sha256")
        .update(JSON.stringify([scope, key]))
        .digest("hex")
        .slice(0, 32)}.json`,
    );
  return {
    async get(key) {
      const text = await readFile(fileOf(key), "utf8").catch(() => "");
      // A file that was cut off while being written says nothing; the upload then begins anew.
      return z.catch(z.optional(Entry), undefined).parse(jsonOf(text))?.uploadId;
    },
    async set(key, uploadId) {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      const file = fileOf(key);
      await writeFile(`${file}.${process.pid}`, JSON.stringify({ uploadId, key: JSON.parse(key) }));
      await rename(`${file}.${process.pid}`, file);
      await dropOld(folder);
    },
    async remove(key) {
      await rm(fileOf(key), { force: true });
    },
  };
}

async function dropOld(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const path = join(folder, name);
    const found = await stat(path).catch(() => undefined);
    if (found && found.mtimeMs < Date.now() - keptForMs) await rm(path, { force: true });
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
