import { sharedStack } from "@t2m/local/testing";
import postgres, { type Sql } from "postgres";
import { afterAll, beforeAll, expect, test } from "vitest";
import { noise, Person } from "./support/person.ts";

const stack = sharedStack();
let sql: Sql;
beforeAll(() => {
  sql = postgres(stack.databaseUrl, { max: 1, onnotice: () => {} });
});
afterAll(() => sql.end({ timeout: 1 }));

test("[V4.1] [V4.2] [V4.3] [A4.1] what somebody converts is in Postgres moments later, with its facts, and stays there when it is deleted", async () => {
  const person = await Person.arrive(stack);
  const { uploadId, jobIds } = await person.upload(noise(2), [{ preset: "mp3" }]);
  const [jobId = ""] = jobIds;
  const row = async () => (await sql`select status, version, removal from jobs where id = ${jobId}`)[0];
  await expect.poll(row, { timeout: 40_000 }).toEqual({ status: "completed", version: 5, removal: null });

  await expect
    .poll(() => sql`select type from job_events where job_id = ${jobId} order by sequence`, {
      timeout: 10_000,
    })
    .toEqual(
      ["job.created", "job.queued", "step.started", "step.completed", "job.completed"].map((type) => ({
        type,
      })),
    );
  const files = await sql`
    select file_type, original_filename, audio_codec, duration_seconds, file_size::int from file_metadata
    where user_id = ${person.userId(stack.issuerUrl)} order by file_type`;
  const { outputs } = await person.job(jobId);
  expect(files).toEqual([
    {
      file_type: "main",
      original_filename: "song.mp3",
      audio_codec: "mp3",
      duration_seconds: outputs[0]?.durationSeconds,
      file_size: outputs[0]?.sizeBytes,
    },
    {
      file_type: "source",
      original_filename: "song.wav",
      audio_codec: null,
      duration_seconds: null,
      file_size: 32_044,
    },
  ]);

  expect((await person.ask("DELETE", `/jobs/${jobId}`)).status).toBe(204);
  await expect.poll(row, { timeout: 20_000 }).toMatchObject({ status: "completed", removal: "deleted" });
  expect(await sql`select removal from file_metadata where id = ${uploadId}`).toEqual([{ removal: null }]);
  expect(await sql`select from refused_records`).toHaveLength(0);
});
