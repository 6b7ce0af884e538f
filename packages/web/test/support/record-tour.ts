import { copyFile } from "node:fs/promises";
import { join } from "node:path";
import type { Client } from "@t2m/client/client";
import { fileSource } from "@t2m/client/node/file";
import { upload } from "@t2m/client/upload/upload";
import { until } from "@t2m/local/processes/wait";
import type { Page } from "playwright-core";
import postgres from "postgres";
import { text } from "../../src/text.ts";
import { recordText } from "../../src/text-record.ts";
import { accountLink, signIn, signOut } from "./app.ts";
import { makeFilm, makeSound } from "./media.ts";
import { givenPast } from "./past.ts";
import { converted } from "./seed.ts";
import type { Guide } from "./tour.ts";

/** Through the pages that the record fills, as an administrator who has made much. */
export async function* withARecord(guide: Guide): AsyncGenerator<string> {
  const { page, client, name, databaseUrl } = guide;
  const sql = postgres(databaseUrl, { max: 1, onnotice: () => {} });
  try {
    await signIn(page, name);
    const { id } = await client.getMe();
    await sql`update users set role = 'admin' where id = ${id}`;
    await givenPast(sql, client, longAgo);
    yield* files(guide);
    yield* batches(guide);
    yield* account(guide);
    yield* administration(page, name);
    await signOut(page);
  } finally {
    await sql.end({ timeout: 1 });
  }
}

const longAgo = [
  { name: "Demo 1994 – A-Seite.wav", at: new Date("2024-03-05T18:30:00Z") },
  { name: "Demo 1994 – B-Seite.wav", at: new Date("2024-03-05T18:42:00Z") },
  { name: "Hochzeit (ungeschnitten).mov", at: new Date("2024-01-12T09:05:00Z"), preset: "mp4" },
  { name: "notes.txt", at: new Date("2023-11-30T12:00:00Z"), status: "failed" as const },
];

async function* files({ page, client, folder }: Guide): AsyncGenerator<string> {
  const path = await makeSound(join(folder, "Chorprobe.wav"), { seconds: 20, sampleRateHz: 44_100 });
  const jobId = await converted(client, path, { preset: "mp3" });
  const film = await makeFilm(join(folder, "Szene.mp4"), 3);
  await givenUploads(client, folder, film);
  await page.goto("/history");
  await page.locator(`[data-job="${jobId}"][data-status="completed"]`).waitFor();
  await page.getByText(recordText.history.expired).first().waitFor();
  yield "history, from the record";
  await page.goto("/files");
  await page.getByRole("link", { name: "Szene 6.mp4" }).waitFor();
  for (const scene of ["Szene 2.mp4", "Szene 5.mp4"])
    await page.getByRole("checkbox", { name: recordText.files.choose(scene) }).check();
  yield "files, two chosen";
  await page.getByRole("link", { name: "Chorprobe.mp3" }).click();
  await page.getByRole("button", { name: recordText.shares.make }).click();
  const link = await page.getByLabel(recordText.shares.link).inputValue();
  await page.getByText(recordText.versions.latest, { exact: false }).first().waitFor();
  yield "file, shared";
  await page.goto(link);
  await page.getByRole("heading", { name: "Chorprobe.mp3" }).waitFor();
  yield "shared";
  await page.goto("/files/0199a5b2-6c1f-7e21-8a3d-2f7c9b0e4d15");
  await page.getByText(recordText.file.goneHeading).waitFor();
  yield "file, gone";
}

async function givenUploads(client: Client, folder: string, film: string): Promise<void> {
  for (let scene = 1; scene <= 6; scene++) {
    const path = join(folder, `Szene ${scene}.mp4`);
    await copyFile(film, path);
    await upload(client, await fileSource(path), { conversions: [] }).finished;
  }
  await until("the record knows them", 40_000, async () => (await client.listFiles()).items.length >= 8);
}

async function* batches({ page, client }: Guide): AsyncGenerator<string> {
  await page.goto("/batches");
  await page.getByText(recordText.batches.empty).waitFor();
  yield "batches, empty";
  const { items } = await client.listFiles({ query: { kind: "source", search: "Szene" } });
  const jobs = items.flatMap(({ uploadId }) =>
    uploadId ? [{ uploadId, conversion: { preset: "webm" } as const }] : [],
  );
  const { id: batchId } = await client.createBatch({
    body: { name: "Szenen für die Website", priority: "high", jobs },
  });
  await client.pauseBatch({ params: { batchId } });
  await page.goto(`/batches/${batchId}`);
  await page.getByText(recordText.batch.pausedHint).waitFor();
  yield "batch, paused";
  await page.getByRole("button", { name: recordText.batch.cancel }).click();
  await page.getByRole("alertdialog").waitFor();
  yield "batch, asked before it is cancelled";
  await page.goto("/batches");
  await page.getByRole("link", { name: "Szenen für die Website" }).waitFor();
  yield "batches";
  await client.cancelBatch({ params: { batchId } });
}

async function* account({ page }: Guide): AsyncGenerator<string> {
  await accountLink(page).click();
  await page.getByText(recordText.account.thisDevice).first().waitFor();
  await page.getByText(recordText.account.converted).waitFor();
  yield "account, with usage and sessions";
  await page.getByRole("button", { name: recordText.account.delete }).click();
  await page.getByRole("alertdialog").waitFor();
  yield "account, asked before it is deleted";
  await page.getByRole("button", { name: text.cancel }).click();
}

async function* administration(page: Page, name: string): AsyncGenerator<string> {
  await page.goto("/admin");
  await page.getByText(recordText.admin.stored).waitFor();
  await page.getByRole("region", { name: recordText.admin.throughput }).waitFor();
  yield "administration";
  await page.getByRole("link", { name: recordText.admin.jobs, exact: true }).click();
  await page.locator("[data-job]").first().waitFor();
  yield "administration, conversions";
  await page.getByRole("link", { name: recordText.admin.users, exact: true }).click();
  await page.getByRole("listitem", { name }).first().waitFor();
  yield "administration, people";
  await page.getByRole("listitem", { name }).first().getByRole("link").click();
  await page.getByText(recordText.admin.ownAccess).waitFor();
  await page.getByText("account.created").waitFor();
  yield "administration, person";
}
