import type { ConversionRequest, PresetId } from "@t2m/contract/presets";
import { announce } from "../lib/announce.ts";
import { problemText } from "../lib/problem.ts";
import { learn } from "../media/local-facts.ts";
import { text } from "../text.ts";
import { conversionOf, kindOf, presetFor, suits } from "./choose.ts";
import { convertAgain, dropJobs, pause, pump, remove, resume } from "./engine.ts";
import { hasEnded, jobStore } from "./jobs.ts";
import { isMoving, needsPerson, type Row } from "./row.ts";
import {
  type Attachment,
  addRows,
  allRows,
  attach,
  changeRow,
  fileOf,
  handleOf,
  keepRow,
  keepRows,
  rowOf,
} from "./rows.ts";

export type Given = { file: File; handle?: FileSystemFileHandle | undefined };

/** Takes files in: each gets a row, or goes on with the row that waits for it, and starts by itself. */
export function addFiles(given: readonly Given[]): void {
  const fresh: { row: Row; attachment: Attachment }[] = [];
  const taken = new Set<string>();
  for (const { file, handle } of given) {
    const waiting = allRows().find((row) => !taken.has(row.id) && needsPerson(row) && isSame(row, file));
    if (waiting) {
      taken.add(waiting.id);
      goOnWith(waiting.id, file, handle);
    } else fresh.push({ row: newRow(file), attachment: { file, handle } });
  }
  const rows = fresh.map(({ row }) => row);
  addRows(
    rows,
    fresh.map(({ attachment }) => attachment),
  );
  keepRows(rows.filter(({ phase }) => phase === "queued").map(({ id }) => id));
  if (rows.length > 0) announce(text.announce.added(rows.length));
  pump();
  for (const { id } of rows) void learnFacts(id);
}

const isSame = (row: Row, file: File) =>
  row.name === file.name &&
  row.sizeBytes === file.size &&
  (row.modifiedAt === undefined || row.modifiedAt === file.lastModified);

function newRow(file: File): Row {
  const { name, type, size: sizeBytes, lastModified: modifiedAt } = file;
  return {
    id: crypto.randomUUID(),
    name,
    type,
    sizeBytes,
    modifiedAt,
    kind: kindOf(file),
    wanted: conversionOf(presetFor(file)),
    phase: sizeBytes > 0 ? "queued" : "failed",
    jobIds: [],
    droppedJobIds: [],
    isChanged: false,
    ...(sizeBytes === 0 && { problem: { text: text.problem.empty, canRetry: false } }),
  };
}

export async function learnFacts(id: string): Promise<void> {
  const row = rowOf(id);
  const file = fileOf(id);
  if (!row || !file || row.sizeBytes === 0) return;
  changeRow(id, await learn(file, row.kind));
}

/** The person gave the file of an interrupted row once more. Its bytes are compared before anything is sent. */
export function goOnWith(id: string, file: File, handle?: FileSystemFileHandle): void {
  const row = rowOf(id);
  if (!row) return;
  if (file.size !== row.sizeBytes) {
    changeRow(id, { problem: { text: text.problem.otherFile(row.name), canRetry: true } });
    announce(text.problem.otherFile(row.name));
    return;
  }
  attach(id, { file, handle });
  changeRow(id, { phase: "queued", problem: undefined });
  keepRow(id);
  pump();
  void learnFacts(id);
}

/** Asks the browser for the file that it remembers; the person must have pressed something. */
export async function goOnWithHandle(id: string): Promise<void> {
  const handle = handleOf(id);
  try {
    if ((await handle?.requestPermission?.({ mode: "read" })) !== "granted" || !handle)
      throw new Error("refused");
    goOnWith(id, await handle.getFile(), handle);
  } catch {
    changeRow(id, { phase: "needs-file" });
  }
}

/** Another conversion is wanted: before the upload's end instead of the first one, afterwards beside it. */
export function want(id: string, wanted: ConversionRequest): void {
  const row = rowOf(id);
  if (!row) return;
  changeRow(id, { wanted });
  if (row.phase === "uploaded") {
    void convertAgain(id).catch((error: unknown) =>
      changeRow(id, { problem: { text: problemText(error), canRetry: false } }),
    );
  } else if (row.uploadId) dropJobs(id);
  keepRow(id);
}

export function pauseAll(): void {
  for (const row of allRows()) if (isMoving(row)) pause(row.id);
}

/** Also asks for the files of interrupted rows that the browser remembers. */
export function resumeAll(): void {
  for (const { id, phase } of allRows()) {
    if (phase === "paused") resume(id);
    if (phase === "needs-permission") void goOnWithHandle(id);
  }
}

/** Every row that the preset suits, and that does not have it yet. */
export function convertAllTo(preset: PresetId): void {
  for (const row of allRows()) {
    if (row.phase === "gone" || !suits(preset, row.kind)) continue;
    const has = row.phase === "uploaded" && row.jobIds.some((id) => presetOf(id) === preset);
    if (!has && (row.phase === "uploaded" || row.wanted.preset !== preset))
      want(row.id, conversionOf(preset));
  }
}

const presetOf = (jobId: string) => jobStore(jobId).get().job?.conversion.preset;

/** Rows with nothing left to wait for leave the page; their results stay in the history. */
export function clearFinished(): void {
  for (const row of allRows()) if (isFinished(row)) void remove(row.id);
}

export function isFinished({ phase, jobIds, problem, isChanged }: Row): boolean {
  if (phase === "gone") return true;
  if (phase === "failed") return problem?.canRetry === false;
  return phase === "uploaded" && !isChanged && jobIds.every((id) => hasEnded(jobStore(id).get()));
}
