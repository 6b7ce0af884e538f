import { execFile } from "node:child_process";
import { randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { migrate } from "@t2m/core/database/migrate";
import { migrations } from "@t2m/core/database/migrations.gen";
import { startPostgres } from "@t2m/local/postgres/server";
import postgres from "postgres";
import { placeholders } from "./environment.ts";
import type { Section } from "./report.ts";

const run = promisify(execFile);
const jobs = 10_000;
const people = 50;
const claimers = 8;

/** Ten thousand jobs of fifty people, half of them one person's, drained by eight processes that claim at once. */
export async function measure(): Promise<Section> {
  const directory = await mkdtemp(join(tmpdir(), "t2m-queue-"));
  const server = await startPostgres({ directory, isDurable: false });
  try {
    const sql = postgres(server.url, { max: 1, onnotice: () => {} });
    await migrate(sql, migrations);
    await fill(sql);
    const began = performance.now();
    const env = { ...placeholders, T2M_DATABASE_URL: server.url, PATH: process.env.PATH };
    const child = join(import.meta.dirname, "queue-child.ts");
    const outputs = await Promise.all(
      Array.from({ length: claimers }, () =>
        run(process.execPath, [child, server.url], { env, maxBuffer: 10 ** 8 }),
      ),
    );
    const seconds = (performance.now() - began) / 1000;
    await sql.end();
    const taken = outputs.flatMap(({ stdout }) => JSON.parse(stdout) as string[]);
    return {
      title: "The queue",
      about: `${jobs} jobs of ${people} people, half of them one person's, by ${claimers} claimers at once: ${Math.round(jobs / seconds)} jobs a second.`,
      findings: [
        { what: "claimed twice", value: taken.length - new Set(taken).size, unit: "", goal: { atMost: 0 } },
        { what: "left behind", value: jobs - new Set(taken).size, unit: "", goal: { atMost: 0 } },
        { what: "drained, processes' start included", value: seconds, unit: "s" },
      ],
    };
  } finally {
    await server.stop();
    await rm(directory, { recursive: true });
  }
}

async function fill(sql: postgres.Sql): Promise<void> {
  const ids = Array.from({ length: people }, () => randomUUID() as string);
  await sql`insert into users ${sql(ids.map((id) => ({ id })))}`;
  await sql`
    with made as (
      insert into jobs (id, user_id, upload_id, kind, status, topic, configuration, version, created_at)
      select gen_random_uuid(), (${ids}::uuid[])[case when n <= ${jobs / 2} then 1 else 1 + n % ${people} end],
        gen_random_uuid(), 'conversion', 'queued', 'song.wav', '{"preset":"mp3","options":{}}', 0, now()
      from generate_series(1, ${jobs}) as n
      returning id, user_id
    )
    insert into job_queue (id, job_id, user_id) select gen_random_uuid(), id, user_id from made`;
  await sql`analyze`;
}
