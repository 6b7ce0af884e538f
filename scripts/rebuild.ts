// Brings the record (Postgres) to what the live table holds: `node scripts/rebuild.ts` reads the table itself,
// `node scripts/rebuild.ts <folder>` an export of it (DynamoDB's own, to S3: files of JSON lines, gzipped).
// Needs the variables of a function that uses both (docs/data.md).
import { createReadStream } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { createGunzip } from "node:zlib";
import { closeRecord } from "@t2m/core/database/access";
import type { Attributes } from "@t2m/core/live/attributes";
import { scanItems } from "@t2m/core/live/scan";
import { checksums } from "@t2m/core/record/checksum";
import { rebuild } from "@t2m/core/record/rebuild";

const [folder] = process.argv.slice(2);
try {
  // What an export does not hold may have been made after it.
  const counts = folder ? await rebuild(exported(folder)) : await rebuild(scanItems(), { isWhole: true });
  console.log(JSON.stringify(counts));
  for (const { table, rows, sum } of await checksums()) console.log(`${table}: ${rows} rows, ${sum}`);
} finally {
  await closeRecord();
}

async function* exported(directory: string): AsyncGenerator<Attributes> {
  const files = await readdir(directory, { recursive: true });
  for (const file of files.filter((name) => name.endsWith(".json.gz")).sort()) {
    const lines = createInterface({ input: createReadStream(join(directory, file)).pipe(createGunzip()) });
    for await (const line of lines) {
      const parsed: { Item?: Attributes } = JSON.parse(line);
      if (parsed.Item) yield parsed.Item;
    }
  }
}
