import { afterAll, expect, test } from "vitest";
import { givenUpload, newPerson, useRecord } from "./support/record.ts";

process.env.T2M_QUEUE_PER_USER = "2";
process.env.T2M_QUEUE_ALL = "3";
afterAll(() => {
  delete process.env.T2M_QUEUE_PER_USER;
  delete process.env.T2M_QUEUE_ALL;
});
const record = useRecord();

test("[VD.3] how many jobs of batches run at once is the stage's to say; everybody is told, and the administrator", async () => {
  const [ada, ben, boss] = [newPerson(), newPerson(), newPerson()];
  await record.sql`insert into users (id, role) values (${boss.userId}, 'admin')`;
  const conversion = { preset: "mp3" };
  for (const person of [ada, ben]) {
    const uploadId = await givenUpload(person.userId);
    await person.asks("createBatch", { body: { jobs: Array(5).fill({ uploadId, conversion }) } });
  }
  const limits = { perUser: 2, all: 3 };
  expect((await ada.asks("getQueue")).body).toMatchObject({ limits, running: 2, queued: 3 });
  expect((await ben.asks("getQueue")).body).toMatchObject({ limits, running: 1, queued: 4 });
  expect((await boss.asks("getWholeQueue")).body).toMatchObject({ limits, running: 3, queued: 7 });
});
