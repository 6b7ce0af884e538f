import { join } from "node:path";
import { crc32 } from "node:zlib";
import { base64OfCrc32 } from "@t2m/client/upload/crc32";
import type { Upload } from "@t2m/contract/uploads";
import { until } from "@t2m/local/processes/wait";
import { afterAll, beforeAll, expect, test } from "vitest";
import { text } from "../src/text.ts";
import { action, choose, download, listen, rowOf, says } from "./support/app.ts";
import { drop, remembersFiles } from "./support/drop.ts";
import { makeSound, openFolder } from "./support/media.ts";
import { partsTaken } from "./support/parts.ts";
import { enter, type Visitor } from "./support/visitor.ts";

const lineBytesPerSecond = 600_000;
// Two parts of 8 MiB and a small one, which is there first; and quick to convert.
const studioSound = { seconds: 29.4, sampleRateHz: 96_000, channels: 2, bits: 24 } as const;
let folder: Awaited<ReturnType<typeof openFolder>>;
beforeAll(async () => {
  folder = await openFolder();
});
afterAll(() => folder.remove());

type Interrupted = { upload: Upload; storedBefore: number[] };

/** Pauses, goes on, and reloads the page while S3 has some parts and not all. */
async function interrupt(
  { page, network, dialogs, newestUpload }: Visitor,
  name: string,
): Promise<Interrupted> {
  await action(page, text.row.pause, name).click();
  await says(page, name, text.row.paused);
  await action(page, text.row.resume, name).click();
  const upload = await newestUpload();
  await until("S3 has some parts", 60_000, async () => (await partsTaken(upload.id)).length > 0);
  expect(await page.title()).toMatch(/^\d+ %/);
  const storedBefore = await partsTaken(upload.id);
  expect(storedBefore.length).toBeLessThan(upload.partCount);
  await page.reload();
  expect(dialogs).toEqual(["beforeunload"]);
  await network.restore();
  return { upload, storedBefore };
}

/** Nothing that was stored before has been sent again, and now everything is there. */
async function proveResumed({ client }: Visitor, { upload, storedBefore }: Interrupted): Promise<void> {
  const taken = await partsTaken(upload.id);
  const sentAfter = taken.slice(storedBefore.length);
  expect(sentAfter.filter((part) => storedBefore.includes(part))).toEqual([]);
  expect(new Set(taken).size).toBe(upload.partCount);
  const { items } = await client.listUploads();
  expect(items).toMatchObject([{ id: upload.id, status: "completed", percent: 100 }]);
}

test("[C10.1] [C10.5] [C5.4] [C5.5] a dropped file goes up in parts, goes on after a reload with only its missing parts, is converted, plays, and downloads byte for byte", async () => {
  const visitor = await enter();
  const { page, client, network } = visitor;
  const name = "Konzert im Garten.wav";
  const path = await makeSound(join(folder.path, name), studioSound);
  await network.slow(lineBytesPerSecond);
  await drop(page, [path]);
  const interrupted = await interrupt(visitor, name);
  // A browser that remembers the file goes on by itself.
  if (!(await remembersFiles(page))) await choose(page, action(page, text.row.chooseSame, name), [path]);
  await says(page, name, text.statuses.completed);
  await proveResumed(visitor, interrupted);

  const [jobId = ""] = interrupted.upload.jobIds;
  const { outputs } = await client.getJob({ params: { jobId } });
  const result = "Konzert im Garten.mp3";
  await listen(page, result);
  const file = await download(page, action(page, text.row.download, result));
  expect(file.name).toBe(result);
  const { url } = await client.signOutput({ params: { jobId, name: outputs[0]?.name ?? "" } });
  const stored = Buffer.from(await (await fetch(url)).arrayBuffer());
  expect(file.bytes.equals(stored)).toBe(true);
  expect(base64OfCrc32(crc32(file.bytes))).toBe(outputs[0]?.checksumCrc32);
}, 180_000);

test("[C10.1] [C5.4] [C5.5] without the browser's memory of the file, the same one is chosen again: another is refused, and only missing parts are sent", async () => {
  const visitor = await enter();
  const { page, client, network } = visitor;
  const name = "Probe.wav";
  const path = await makeSound(join(folder.path, name), studioSound);
  const other = await makeSound(join(folder.path, "Andere Probe.wav"), { seconds: 1 });
  await network.slow(lineBytesPerSecond);
  await page.locator("input#files").setInputFiles([path]);
  const interrupted = await interrupt(visitor, name);
  await says(page, name, text.row.needsFile(name));
  const { partsCompleted, partCount } = await client.getUpload({
    params: { uploadId: interrupted.upload.id },
  });
  await says(page, name, text.row.parts(partsCompleted, partCount));
  const again = action(page, text.row.chooseSame, name);
  await choose(page, again, [other]);
  await rowOf(page, name).getByText(text.problem.otherFile(name)).waitFor();
  await choose(page, again, [path]);
  await says(page, name, text.statuses.completed);
  await proveResumed(visitor, interrupted);
}, 180_000);
