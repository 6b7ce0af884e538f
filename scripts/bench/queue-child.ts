// One of those who claim at the same time, with a connection of its own: claims until nothing waits, and what it claimed
// has ended a moment later. Prints what it took.
import { claimNext } from "@t2m/core/batches/claim";
import { closeRecord } from "@t2m/core/database/access";
import postgres from "postgres";

const [url = ""] = process.argv.slice(2);
const sql = postgres(url, { max: 1, onnotice: () => {} });
const limits = { perUser: 20, all: 160 };
const taken: string[] = [];
for (let empty = 0; empty < 3; ) {
  const jobIds = (await claimNext({ limits, atMost: 20 })).map(({ jobId }) => jobId);
  if (jobIds.length > 0) {
    taken.push(...jobIds);
    await sql`update job_queue set status = 'completed', completed_at = now() where job_id in ${sql(jobIds)}`;
  }
  const left = await sql`select 1 from job_queue where status = 'queued' limit 1`;
  empty = left.length > 0 ? 0 : empty + 1;
}
await closeRecord();
await sql.end();
process.stdout.write(JSON.stringify(taken));
