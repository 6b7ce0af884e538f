// Fills the database at DATABASE_URL, which must be empty, with many jobs: `node scripts/fill.ts 1000000 1000`.
import { fillRecord } from "@t2m/local/testing/fill";
import postgres from "postgres";

const [jobs = 1_000_000, users = 1_000] = process.argv.slice(2).map(Number);
const url = process.env.DATABASE_URL;
if (!url || !Number.isInteger(jobs) || !Number.isInteger(users)) {
  console.error("DATABASE_URL=postgres://… node scripts/fill.ts [jobs] [users]");
  process.exit(1);
}
const sql = postgres(url, { max: 1, onnotice: () => {} });
try {
  await fillRecord(sql, { jobs, users });
  console.log(`${jobs} jobs of ${users} people`);
} finally {
  await sql.end({ timeout: 1 });
}
