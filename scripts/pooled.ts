// Runs the record's tests with pgbouncer between the code and Postgres, in transaction mode, as RDS Proxy stands between
// them on AWS: `node scripts/pooled.ts [path of pgbouncer]` (Debian: apt-get install pgbouncer).
import { spawnSync } from "node:child_process";
import { globSync } from "node:fs";
import { join } from "node:path";

const [pgbouncer = "/usr/sbin/pgbouncer"] = process.argv.slice(2);
const root = join(import.meta.dirname, "..");
const tests = globSync(
  ["packages/core/test/{database,batches,record}/*.test.ts", "packages/functions/test/record-*.test.ts"],
  { cwd: root },
);
// Those of the statements look at the wire themselves, at the server's own door.
const pooled = tests.filter((file) => !file.includes("record-statements"));
const { status } = spawnSync(
  join(root, "node_modules/.bin/vitest"),
  ["run", "--project", "unit", ...pooled],
  {
    cwd: root,
    env: { ...process.env, PGBOUNCER_PATH: pgbouncer },
    stdio: "inherit",
  },
);
process.exitCode = status ?? 1;
