import { readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { until } from "@t2m/local/processes/wait";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { text } from "../src/text.ts";
import { action, rowOf, says } from "./support/app.ts";
import { drop } from "./support/drop.ts";
import { makeFilm, makeSound, openFolder } from "./support/media.ts";
import { hide, notifications, recordNotifications } from "./support/notifications.ts";
import { enter } from "./support/visitor.ts";

let folder: Awaited<ReturnType<typeof openFolder>>;
beforeAll(async () => {
  folder = await openFolder();
});
afterAll(() => folder.remove());

/** As when somebody has copied files on the desktop and pastes them; the system's clipboard cannot be filled from here. */
async function paste(page: Page, paths: readonly string[]): Promise<void> {
  const files = await Promise.all(
    paths.map(async (path) => ({ name: basename(path), base64: (await readFile(path)).toString("base64") })),
  );
  await page.evaluate((given) => {
    const clipboardData = new DataTransfer();
    for (const { name, base64 } of given) {
      const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
      clipboardData.items.add(new File([bytes], name, { type: "audio/wav" }));
    }
    document.body.dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true }));
  }, files);
}

test("[C10.5] pasted files are converted; dragging on the waveform chooses what is kept, and the result has just that", async () => {
  const { page, client } = await enter();
  const name = "Lange Rede.wav";
  await paste(page, [
    await makeSound(join(folder.path, name), { seconds: 20 }),
    await makeSound(join(folder.path, "Kurze Rede.wav"), { seconds: 1 }),
  ]);
  await says(page, name, text.statuses.completed);
  await says(page, "Kurze Rede.wav", text.statuses.completed);

  await action(page, text.row.again, name).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByText(text.options.trimHint).waitFor();
  const waveform = dialog.getByRole("img", { name: text.options.waveform(name) });
  await waveform.scrollIntoViewIfNeeded();
  const { x, y, width, height } = (await waveform.boundingBox()) ?? { x: 0, y: 0, width: 0, height: 0 };
  const drag = async (from: number, to: number) => {
    await page.mouse.move(x + from * width, y + height / 2);
    await page.mouse.down();
    await page.mouse.move(x + ((from + to) / 2) * width, y + height / 2);
    await page.mouse.move(x + to * width, y + height / 2, { steps: 5 });
    await page.mouse.up();
  };
  const value = async (label: string) =>
    Number(await dialog.getByLabel(text.optionNames[label] ?? "").inputValue());
  await drag(0.25, 0.6);
  await until("start and end follow", 5_000, async () => (await value("trimEndSeconds")) > 11);
  expect(await value("trimStartSeconds")).toBeCloseTo(5, 0);
  expect(await value("trimEndSeconds")).toBeCloseTo(12, 0);
  // Its edges can be dragged, too.
  await drag(0.6, 0.75);
  await until("the end follows", 5_000, async () => (await value("trimEndSeconds")) > 14);
  const seconds = (await value("trimEndSeconds")) - (await value("trimStartSeconds"));
  expect(seconds).toBeCloseTo(10, 0);
  await dialog.getByRole("button", { name: text.options.convert, exact: true }).click();
  const job = await until("the trimmed one is done", 30_000, async () => {
    const [newest] = (await client.listJobs({ query: { limit: 1 } })).items;
    return newest?.status === "completed" && "trimEndSeconds" in newest.conversion.options && newest;
  });
  // MP3 has whole frames and some silence before the first.
  expect(job.outputs[0]?.durationSeconds).toBeCloseTo(seconds, 0);
});

test("[C10.5] one button gives many files another format, before and after their conversion; a video that the browser cannot read is shown by its result; who looks elsewhere is told once all is done", async () => {
  const { page, client, network } = await enter({ permissions: ["notifications"] });
  const names = Array.from({ length: 8 }, (_, index) => `Strophe ${index + 1}.wav`);
  const sounds = await Promise.all(names.map((name) => makeSound(join(folder.path, name), { seconds: 4 })));
  const [first = "", ...rest] = sounds;
  const film = await makeFilm(join(folder.path, "Ausflug.mp4"), 2);
  await recordNotifications(page);
  await drop(page, [first, film]);
  await says(page, "Strophe 1.wav", text.statuses.completed);
  await says(page, "Ausflug.mp4", text.statuses.completed);
  const picture = rowOf(page, "Ausflug.mp4").locator("img");
  await until("the picture is there", 20_000, () =>
    picture.evaluate((image: HTMLImageElement) => image.complete && image.naturalWidth > 0),
  );
  expect(await notifications(page), "nobody is told what they see").toEqual([]);

  await network.slow(150_000);
  await drop(page, rest);
  await says(page, "Strophe 2.wav", text.row.sending);
  await hide(page);
  const all = page.getByRole("combobox", { name: text.batch.convertAllTo });
  await all.focus();
  await all.selectOption("webm");
  await all.selectOption("flac");
  await page.getByRole("button", { name: text.batch.convertAll }).click();
  await network.restore();
  const told = await until("somebody is told", 60_000, async () => {
    const seen = await notifications(page);
    return seen.length > 0 && seen;
  });
  expect(told).toEqual([{ title: text.notification.title, body: text.notification.body(9, 0) }]);
  const { items } = await client.listJobs({ query: { limit: 100 } });
  const made = items.map(({ sourceName, conversion }) => `${sourceName} ${conversion.preset}`);
  const expected = [
    "Ausflug.mp4 flac",
    "Ausflug.mp4 mp4",
    "Strophe 1.wav flac",
    "Strophe 1.wav mp3",
    ...names.slice(1).map((name) => `${name} flac`),
  ];
  expect(made.toSorted()).toEqual(expected.toSorted());
});
