import { basename, dirname } from "node:path";
import type { ConversionRequestInput } from "@t2m/contract/presets";
import type { Upload } from "@t2m/contract/uploads";
import { fileSource } from "../node/file.ts";
import { forEachAtOnce } from "../upload/slots.ts";
import { upload } from "../upload/upload.ts";
import { exitCodeOf, exitCodes, failureJson, Interrupted, JobFailed } from "./failures.ts";
import { follow } from "./follow.ts";
import { fetchOutputs } from "./outputs.ts";
import { paceText, type Report, type Task } from "./report.ts";
import type { Session } from "./session.ts";
import { bytesText } from "./text.ts";

export type Work = {
  session: Session;
  report: Report;
  signal: AbortSignal;
  files: readonly string[];
};

export type ConvertOptions = {
  conversion: ConversionRequestInput;
  output: string | undefined;
  force: boolean;
};

/** Files that are worked on at once: one uploads while another is converted or comes back. */
const filesAtOnce = 3;

/** Converts each file and writes the results. Answers with the exit code. */
export function convertFiles(work: Work, options: ConvertOptions): Promise<number> {
  const wish = { output: options.output, several: work.files.length > 1 };
  return forEachFile(work, async (file, task) => {
    const completed = await send(work, file, task, [options.conversion]);
    const [jobId = ""] = completed.jobIds;
    const job = await followOrTell(work, jobId, task);
    const fetching = {
      client: work.session.client,
      task,
      force: options.force,
      inputs: work.files,
      signal: work.signal,
    };
    const outputs = await fetchOutputs(job, { ...fetching, wish: { ...wish, beside: dirname(file) } });
    return { json: { uploadId: completed.id, jobId, outputs }, text: outputs.join("\n") };
  });
}

/** Uploads each file, with or without a conversion, and leaves the rest to the service. */
export function uploadFiles(work: Work, conversions: readonly ConversionRequestInput[]): Promise<number> {
  return forEachFile(work, async (file, task) => {
    const { id, jobIds } = await send(work, file, task, conversions);
    const jobs = jobIds.map((jobId) => `job ${jobId}`);
    return { json: { uploadId: id, jobIds }, text: [`upload ${id}`, ...jobs].join("\n") };
  });
}

type Done = { json: object; text: string };

async function forEachFile(
  work: Work,
  perform: (file: string, task: Task) => Promise<Done>,
): Promise<number> {
  const { files, report, signal } = work;
  const codes: number[] = [];
  await forEachAtOnce(files, filesAtOnce, async (file) => {
    if (signal.aborted) return;
    const task = report.task(basename(file));
    try {
      const { json, text } = await perform(file, task);
      task.end();
      report.result({ input: file, ...json }, text);
    } catch (error) {
      task.end();
      codes.push(exitCodeOf(error));
      if (error instanceof Interrupted) return;
      report.result({ input: file, error: failureJson(error) }, "");
      report.failure(`${file}: ${error instanceof Error ? error.message : String(error)}`);
      if (error instanceof JobFailed && error.log) report.note(error.log);
    }
  });
  if (signal.aborted) throw signal.reason;
  return Math.max(exitCodes.ok, ...codes);
}

async function send(
  { session, report, signal }: Work,
  file: string,
  task: Task,
  conversions: readonly ConversionRequestInput[],
): Promise<Upload> {
  let sent = 0;
  const uploading = upload(session.client, await fileSource(file), {
    conversions,
    signal,
    store: session.store,
    onBegun: ({ resumedBytes }) => {
      if (resumedBytes > 0) report.note(`${file}: ${bytesText(resumedBytes)} are there already, going on`);
    },
    onProgress: ({ bytesSent, percent, bytesPerSecond, secondsLeft }) => {
      sent = bytesSent;
      task.at("uploading", percent, paceText(bytesPerSecond, secondsLeft));
    },
  });
  try {
    return await uploading.finished;
  } catch (error) {
    if (error instanceof Interrupted && sent > 0)
      report.note(`${file}: stopped. The same command goes on from the last finished part.`);
    throw error;
  }
}

async function followOrTell({ session, report, signal }: Work, jobId: string, task: Task) {
  const onPercent = (percent: number) => task.at("converting", percent);
  onPercent(0);
  try {
    return await follow(session.client, jobId, { signal, onPercent });
  } catch (error) {
    if (!(error instanceof Interrupted)) throw error;
    if (session.endsWithUs) {
      // It would take the job up again at its next start, when nobody waits for it.
      await session.client.cancelJob({ params: { jobId } }).catch(() => undefined);
      report.note("Stopped, and the conversion with it.");
    } else {
      report.note(`The conversion goes on. Look later: t2m job ${jobId}, t2m download ${jobId}`);
    }
    throw error;
  }
}
