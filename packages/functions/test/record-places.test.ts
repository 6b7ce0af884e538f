import { cancelJob } from "@t2m/core/jobs/cancel";
import { findJob } from "@t2m/core/jobs/get";
import { jobItemKey } from "@t2m/core/live/keys";
import { deleteItem, getItem, putItem } from "@t2m/core/live/table";
import type { Context } from "aws-lambda";
import { expect, test } from "vitest";
import { givenUpload, newPerson, useRecord } from "./support/record.ts";

const record = useRecord();

test("[VD.3] [V2.3] a place whose job's end could not be recorded, or was never heard of, is freed; one whose job is still at work is kept", async () => {
  const ada = newPerson();
  const { userId } = ada;
  const uploadId = await givenUpload(userId);
  const jobs = Array(7).fill({ uploadId, conversion: { preset: "mp3" } });
  await ada.asks("createBatch", { body: { jobs } });
  const rows = await record.sql`select job_id from job_queue order by id`;
  const [unheard = "", refused = "", gone = "", atWork = "", ...waiting] = rows.map(({ job_id }) =>
    String(job_id),
  );
  const { handler } = await import("@t2m/functions/schedule/release-queued");
  const sweep = () => handler(undefined, { getRemainingTimeInMillis: () => 30_000 } as Context);
  const places = async () =>
    Object.fromEntries(
      (await record.sql`select job_id, status from job_queue`).map((row) => [row.job_id, row.status]),
    );

  await cancelJob({ userId, jobId: unheard });
  const item = await getItem(jobItemKey(userId, refused));
  if (!item) throw new Error("the job was not released");
  // No output of ours: the projector cannot make a row of it.
  await putItem({
    ...item,
    status: "completed",
    version: 4,
    finishedAt: new Date().toISOString(),
    outputs: [{}],
  });
  await deleteItem(jobItemKey(userId, gone));

  // The stream may still tell of it.
  await sweep();
  expect(await places()).toMatchObject({ [unheard]: "running", [refused]: "running", [gone]: "running" });

  await record.sql`update jobs set updated_at = now() - interval '11 minutes'`;
  await sweep();
  expect(await places()).toEqual({
    [unheard]: "cancelled",
    [refused]: "completed",
    [gone]: "cancelled",
    [atWork]: "running",
    ...Object.fromEntries(waiting.map((jobId) => [jobId, "running"])),
  });
  for (const jobId of waiting) expect((await findJob({ userId, jobId }))?.status).toBe("queued");
  expect(
    await record.sql`select id, status, removal from jobs where id in ${record.sql([unheard, gone])} order by id`,
  ).toEqual([
    { id: unheard, status: "cancelled", removal: null },
    { id: gone, status: "queued", removal: "deleted" },
  ]);
  expect(await record.sql`select event_id, reason from refused_records`).toEqual([
    { event_id: `place:${refused}`, reason: "unreadable" },
  ]);
  // Nobody's place is freed twice.
  await sweep();
  expect(await record.sql`select from refused_records`).toHaveLength(1);
});
