// Brings the database at DATABASE_URL to the newest schema. It must be the tables' owner's URL, without a proxy between.
import { migrate } from "@t2m/core/database/migrate";
import { migrations } from "@t2m/core/database/migrations.gen";
import postgres from "postgres";

const url = process.env.DATABASE_URL;
if (!url) {
  console.error(
    "DATABASE_URL is missing: postgres://owner@host:5432/name (`pnpm dev` migrates its own database)",
  );
  process.exit(1);
}
const sql = postgres(url, { max: 1, onnotice: () => {} });
try {
  const applied = await migrate(sql, migrations, { log: console.log });
  console.log(applied.length > 0 ? `${applied.length} steps applied` : "the database is up to date");
} finally {
  await sql.end({ timeout: 1 });
}
