import type { ConversionRequestInput } from "@t2m/contract/presets";
import type { Upload } from "@t2m/contract/uploads";
import type { Patience } from "../backoff.ts";
import type { Client } from "../client.ts";
import { ApiProblem } from "../problem.ts";
import { createPause, type Pause } from "./pause.ts";
import { ProgressMeter, type UploadProgress } from "./progress.ts";
import { createRecorder } from "./recorder.ts";
import { type Begun, findUpload, partNumbersOf, type ResumeStore, resumeKey } from "./resume.ts";
import { createSigner } from "./signer.ts";
import type { FileSource } from "./source.ts";
import { sendParts } from "./transfer.ts";

export type UploadOptions = {
  /** Each becomes a job that starts by itself once the file is there. */
  conversions?: readonly ConversionRequestInput[];
  /** How many parts travel at once. */
  parallel?: number;
  /** Stops the upload where it is; what is stored stays, and the same call goes on from there. */
  signal?: AbortSignal;
  onProgress?: (progress: UploadProgress) => void;
  /** Told once the upload is known, and how much of it an earlier run has stored. */
  onBegun?: (begun: { upload: Upload; resumedBytes: number }) => void;
  /** Without one, an interrupted upload begins anew. */
  store?: ResumeStore;
  /** Goes on with the upload that the store names or, where the file is another, throws `FileDiffers`. */
  onlyResume?: boolean;
  /** For each part. */
  patience?: Patience;
};

export type Uploading = {
  /** The completed upload, whose `jobIds` are its conversions; rejects with what ended it. */
  finished: Promise<Upload>;
  /** Parts under way are stopped and sent again after `resume`. */
  pause(): void;
  resume(): void;
  /** Gives the upload up for good and frees what is stored. One that has completed stays. */
  abort(): Promise<void>;
};

/** The file changed while it was uploaded, so that its parts do not belong together. Nothing is kept of it. */
export class FileChanged extends Error {
  override readonly name = "FileChanged";
}

/** The upload to go on with is another file's, or is gone. It stays as it is. */
export class FileDiffers extends Error {
  override readonly name = "FileDiffers";
}

const usualParallel = 4;
const usualPatience: Patience = { attempts: 12, baseMs: 300, capMs: 20_000 };
const completingRounds = 3;

type Run = {
  client: Client;
  source: FileSource;
  options: UploadOptions;
  pause: Pause;
  signal: AbortSignal;
  meter: ProgressMeter;
  key: string;
  uploadId?: string;
};

/**
 * Uploads a file in parts, several at once, each with its checksum, and goes on where an earlier run with the same
 * file, conversions and store was interrupted. `finished` rejects with `ApiProblem`, `Unreachable`, `PartRefused`,
 * `FileChanged`, `FileDiffers` or the signal's reason; after all but `FileChanged` the same call goes on.
 */
export function upload(client: Client, source: FileSource, options: UploadOptions = {}): Uploading {
  const stop = new AbortController();
  const pause = createPause();
  const signal = options.signal ? AbortSignal.any([options.signal, stop.signal]) : stop.signal;
  const meter = new ProgressMeter(source.sizeBytes, options.onProgress);
  const key = resumeKey(source, options.conversions ?? []);
  const run: Run = { client, source, options, pause, signal, meter, key };
  const finished = perform(run);
  return {
    finished,
    pause: pause.pause,
    resume: pause.resume,
    async abort() {
      stop.abort();
      const completed = await finished.then(
        () => true,
        () => false,
      );
      if (!completed) await giveUp(run);
    },
  };
}

async function perform(run: Run): Promise<Upload> {
  run.signal.throwIfAborted();
  const begun = (await takeUp(run)) ?? (await create(run));
  const { upload, missing } = begun;
  run.uploadId = upload.id;
  const missingBytes = Math.min(upload.sizeBytes, missing.length * upload.partBytes);
  run.options.onBegun?.({ upload, resumedBytes: upload.sizeBytes - missingBytes });
  const completed = upload.status === "completed" ? upload : await sendAndComplete(run, begun);
  await run.options.store?.remove(run.key);
  run.meter.phase("completed");
  return completed;
}

/** The upload that an earlier run of this file began. One that cannot go on is given up. */
async function takeUp(run: Run): Promise<Begun | undefined> {
  const uploadId = await run.options.store?.get(run.key);
  if (!uploadId) return undefined;
  const begun = await findUpload({ ...run, uploadId });
  if (begun) return begun;
  if (run.options.onlyResume) throw new FileDiffers(`${run.source.name} is not the file that was begun`);
  run.meter.reset();
  await giveUp({ ...run, uploadId });
  return undefined;
}

async function create({ client, source, options, signal, key }: Run): Promise<Begun> {
  const { name, type, sizeBytes } = source;
  const body = { name, type, sizeBytes, conversions: [...(options.conversions ?? [])] };
  const { upload } = await client.createUpload({ body, signal });
  await options.store?.set(key, upload.id);
  return { upload, missing: partNumbersOf(upload) };
}

async function sendAndComplete(run: Run, { upload, missing }: Begun): Promise<Upload> {
  const { client, source, signal, meter } = run;
  for (let round = 1; ; round++) {
    await send(run, upload, missing);
    if (!(await source.unchanged())) return refuseChanged(run);
    meter.phase("completing");
    try {
      return await client.completeUpload({ params: { uploadId: upload.id }, signal });
    } catch (error) {
      const incomplete = error instanceof ApiProblem && error.code === "upload.incomplete";
      if (!incomplete || round === completingRounds) throw error;
    }
    // S3 lacks a part that we believed stored, or holds another: look again and send what is missing.
    meter.reset();
    const again = await findUpload({ ...run, uploadId: upload.id });
    if (!again) return refuseChanged(run);
    missing = again.missing;
  }
}

async function refuseChanged(run: Run): Promise<never> {
  await giveUp(run);
  throw new FileChanged(`${run.source.name} has changed while it was uploaded; upload it again`);
}

async function send(run: Run, upload: Upload, missing: readonly number[]): Promise<void> {
  const { client, source, options, pause, signal, meter } = run;
  const recorder = createRecorder(client, upload.id);
  meter.phase("sending");
  try {
    await sendParts(
      {
        source,
        upload,
        sign: createSigner(client, upload.id, signal),
        pause,
        signal,
        meter,
        parallel: options.parallel ?? usualParallel,
        patience: options.patience ?? usualPatience,
        onStored: recorder.record,
      },
      missing,
    );
  } finally {
    recorder.stop();
  }
}

/** Deletes the upload, as far as it is there, and forgets it. */
async function giveUp({ client, uploadId, options, key }: Run): Promise<void> {
  await options.store?.remove(key);
  if (!uploadId) return;
  try {
    await client.abortUpload({ params: { uploadId } });
  } catch (error) {
    if (!(error instanceof ApiProblem && error.code === "not_found")) throw error;
  }
}
