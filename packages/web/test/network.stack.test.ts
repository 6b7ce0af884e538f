import { join } from "node:path";
import { until } from "@t2m/local/processes/wait";
import { afterAll, beforeAll, expect, test } from "vitest";
import { text } from "../src/text.ts";
import { listen, rowOf, says } from "./support/app.ts";
import { drop } from "./support/drop.ts";
import { makeSound, openFolder } from "./support/media.ts";
import { partsTaken } from "./support/parts.ts";
import { enter, stack } from "./support/visitor.ts";

const lineBytesPerSecond = 600_000;
// A part of 8 MiB and a small one, which is there first; and quick to convert.
const studioSound = { seconds: 14.8, sampleRateHz: 96_000, channels: 2, bits: 24 } as const;
const cutMs = 10_000;
let folder: Awaited<ReturnType<typeof openFolder>>;
beforeAll(async () => {
  folder = await openFolder();
});
afterAll(() => folder.remove());

test("[C10.1] [C5.5] an upload whose network is away for ten seconds says so, goes on by itself, and sends only the parts that S3 lacks", async () => {
  const { page, network, newestUpload, tolerate } = await enter();
  tolerate(/ERR_INTERNET_DISCONNECTED|ERR_NETWORK_CHANGED|ERR_FAILED/);
  const path = await makeSound(join(folder.path, "Unterwegs.wav"), studioSound);
  await network.slow(lineBytesPerSecond);
  await drop(page, [path]);
  const { id, partCount } = await newestUpload();
  await until("S3 has some parts", 60_000, async () => (await partsTaken(id)).length > 0);
  await network.cut();
  const stored = await partsTaken(id);
  expect(stored.length).toBeLessThan(partCount);
  await page.getByText(text.offline).waitFor();
  // The one thing here that takes its time: how long the network is away is what is promised.
  await new Promise((resolve) => setTimeout(resolve, cutMs));
  expect(await partsTaken(id)).toEqual(stored);
  await expect(rowOf(page, "Unterwegs.wav").getByRole("alert").count()).resolves.toBe(0);
  await network.restore();
  await page.getByText(text.offline).waitFor({ state: "hidden" });
  await says(page, "Unterwegs.wav", text.statuses.completed);
  const sent = (await partsTaken(id)).slice(stored.length);
  expect(sent.filter((part) => stored.includes(part))).toEqual([]);
  expect(new Set([...stored, ...sent]).size).toBe(partCount);
});

test("[C10.1] a part that S3 refuses for a while, or whose link has expired, shows as retrying and not as an error; the upload ends well", async () => {
  const { page, network, newestUpload, tolerate } = await enter();
  tolerate(/status of (403|503)/);
  const path = await makeSound(join(folder.path, "Holprig.wav"), studioSound);
  await network.slow(lineBytesPerSecond);
  await drop(page, [path]);
  const { id } = await newestUpload();
  const refusal = { method: "PUT", keyPart: id };
  await stack.refuseAtS3({ ...refusal, status: 503, code: "SlowDown", times: 3 });
  await stack.refuseAtS3({ ...refusal, status: 403, code: "AccessDenied", times: 1 });
  await says(page, "Holprig.wav", text.row.retrying);
  await expect(rowOf(page, "Holprig.wav").getByRole("alert").count()).resolves.toBe(0);
  await network.restore();
  await says(page, "Holprig.wav", text.statuses.completed);
  const refused = (await stack.s3Requests(id)).filter(
    ({ method, status }) => method === "PUT" && status >= 400,
  );
  expect(refused).toHaveLength(4);
});

test("[C10.5] [C3.5] a player whose link has expired gets a new one and plays on", async () => {
  const { page, client, tolerate } = await enter();
  tolerate(/status of 403/);
  await drop(page, [await makeSound(join(folder.path, "Spät.wav"), { seconds: 20 })]);
  await says(page, "Spät.wav", text.statuses.completed);
  const [job] = (await client.listJobs()).items;
  const expired = { status: 403, code: "AccessDenied", times: 1 };
  await stack.refuseAtS3({ method: "GET", keyPart: job?.id ?? "", ...expired });
  await listen(page, "Spät.mp3");
  const requests = await stack.s3Requests(job?.id ?? "");
  expect(requests.filter(({ method, status }) => method === "GET" && status === 403)).toHaveLength(1);
});
