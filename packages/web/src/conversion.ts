import { fileSource } from "@t2m/client/browser/file";
import type { Client } from "@t2m/client/client";
import type { ResumeStore } from "@t2m/client/upload/resume";
import { type Uploading, upload } from "@t2m/client/upload/upload";
import { finalStatuses, type Job } from "@t2m/contract/jobs";
import type { PresetId } from "@t2m/contract/presets";
import { follow } from "./follow.ts";
import { button, createItem, type Item } from "./item.ts";
import { announce } from "./page.ts";

export type Context = {
  client: Client;
  store: ResumeStore;
  list: HTMLElement;
  /** Rows of jobs that still wait for an upload, by the job's id. */
  waiting: Map<string, HTMLElement>;
  /** Uploads that leaving the page would stop. */
  busy: Set<Uploading>;
};

/** Uploads a file, follows its conversion and offers the result, all in a row of its own. */
export async function convertFile(context: Context, file: File, preset: PresetId): Promise<void> {
  const { client, store, list, busy, waiting } = context;
  const item = createItem(file.name, preset);
  list.prepend(item.element);
  item.state("Starting");
  let paused = false;
  const uploading = upload(client, fileSource(file), {
    conversions: [{ preset }],
    store,
    onBegun: ({ upload: { jobIds }, resumedBytes }) => {
      for (const jobId of jobIds) waiting.get(jobId)?.remove();
      item.state(resumedBytes > 0 ? "Going on with the upload" : "Uploading");
    },
    onProgress: ({ percent, secondsLeft }) => {
      item.uploaded(percent);
      if (secondsLeft !== undefined && percent < 100 && !paused)
        item.state(`Uploading, ${timeText(secondsLeft)} left`);
    },
  });
  offerPause(item, file.name, uploading, (now) => {
    paused = now;
  });
  busy.add(uploading);
  try {
    const { jobIds } = await uploading.finished.finally(() => busy.delete(uploading));
    await Promise.all(jobIds.map((jobId) => followJob(client, item, file.name, jobId)));
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") return item.element.remove();
    fail(item, file.name, error);
    const again = () => {
      item.element.remove();
      void convertFile(context, file, preset);
    };
    item.actions(button("Try again", file.name, again, false));
  }
}

/** Shows a job that was begun earlier. One that waits for its upload waits for a person. */
export async function showJob({ client, list, waiting }: Context, job: Job): Promise<void> {
  const { sourceName } = job;
  const item = createItem(sourceName, job.conversion.preset);
  list.append(item.element);
  if (job.status === "waiting") {
    waiting.set(job.id, item.element);
    item.state("Its upload has not ended. Choose the same file again to go on.");
    item.actions(button("Give up", sourceName, () => void giveUp(client, item, job)));
    return;
  }
  item.uploaded(100);
  await followJob(client, item, sourceName, job.id).catch((error: unknown) => fail(item, sourceName, error));
}

async function giveUp(client: Client, item: Item, { id, uploadId, sourceName }: Job): Promise<void> {
  try {
    await client.abortUpload({ params: { uploadId } });
    await client.deleteJob({ params: { jobId: id } });
    item.element.remove();
  } catch (error) {
    fail(item, sourceName, error);
  }
}

function offerPause(
  item: Item,
  name: string,
  uploading: Uploading,
  onPaused: (paused: boolean) => void,
): void {
  const giveUp = button("Give up", name, () => {
    item.state("Giving up");
    void uploading.abort();
  });
  const pause = button("Pause", name, () => {
    uploading.pause();
    onPaused(true);
    item.state("Paused");
    item.actions(resume, giveUp);
    resume.focus();
  });
  const resume = button("Go on", name, () => {
    uploading.resume();
    onPaused(false);
    item.state("Uploading");
    item.actions(pause, giveUp);
    pause.focus();
  });
  item.actions(pause, giveUp);
}

async function followJob(client: Client, item: Item, name: string, jobId: string): Promise<void> {
  const params = { jobId };
  let job = await client.getJob({ params });
  if (!finalStatuses.includes(job.status)) {
    item.state(words[job.status]);
    item.converted(job.percent);
    item.actions(button("Cancel", name, () => void client.cancelJob({ params })));
    for await (const { status, percent } of follow(client, job)) {
      if (finalStatuses.includes(status)) break;
      item.state(words[status]);
      if (percent !== undefined) item.converted(percent);
    }
    job = await client.getJob({ params });
  }
  end(client, item, name, job);
}

const words: Record<Job["status"], string> = {
  waiting: "Waiting for the upload",
  queued: "Waiting for its turn",
  running: "Converting",
  completed: "Done",
  failed: "Failed",
  cancelled: "Cancelled",
};

function end(client: Client, item: Item, name: string, job: Job): void {
  item.converted(job.percent);
  if (job.status !== "completed") {
    item.state(job.failure?.message ?? words[job.status], job.status === "failed" ? "failed" : undefined);
    item.actions();
    announce(`${name}: ${words[job.status]}`);
    return;
  }
  item.uploaded(100);
  item.converted(100);
  item.state("Done", "done");
  item.actions(
    ...job.outputs.map(({ name: output, fileName }) =>
      button(`Download ${fileName}`, "", () => void download(client, item, name, job.id, output), false),
    ),
  );
  announce(`${name}: done`);
}

/** The URL is made when it is wanted: it lives for minutes, this page may stay open for hours. */
async function download(
  client: Client,
  item: Item,
  name: string,
  jobId: string,
  output: string,
): Promise<void> {
  try {
    const { url } = await client.signOutput({ params: { jobId, name: output } });
    location.assign(url);
  } catch (error) {
    fail(item, name, error);
  }
}

function fail(item: Item, name: string, error: unknown): void {
  const text = error instanceof Error ? error.message : String(error);
  item.state(text, "failed");
  announce(`${name}: ${text}`);
}

function timeText(seconds: number): string {
  if (seconds < 60) return `${seconds} seconds`;
  const minutes = Math.round(seconds / 60);
  return minutes === 1 ? "a minute" : `${minutes} minutes`;
}
