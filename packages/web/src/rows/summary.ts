import { announce } from "../lib/announce.ts";
import { createStore } from "../lib/store.ts";
import { text } from "../text.ts";
import { isFinished } from "./actions.ts";
import { hasEnded, jobStore, onEnded } from "./jobs.ts";
import { isMoving, needsPerson, type Row } from "./row.ts";
import { allRows, rowIds } from "./rows.ts";

/** All rows in a few numbers, for the batch bar, the title and the icon. */
export type Summary = {
  moving: number;
  sending: number;
  /** Stand still until somebody presses something. */
  resumable: number;
  waiting: number;
  done: number;
  failed: number;
  finished: number;
  percent: number;
};

const nothing: Summary = {
  moving: 0,
  sending: 0,
  resumable: 0,
  waiting: 0,
  done: 0,
  failed: 0,
  finished: 0,
  percent: 0,
};
export const summary = createStore<Summary>(nothing);

const everyMs = 500;

/** Counts twice a second, however much moves; what has not changed tells nobody. */
export function keepSummary(): void {
  setInterval(() => {
    const before = summary.get();
    const next = rowIds.get().length === 0 ? nothing : summarize(allRows());
    if (JSON.stringify(before) === JSON.stringify(next)) return;
    summary.set(next);
    if (before.moving > 0 && next.moving === 0 && next.waiting === 0 && next.done + next.failed > 0)
      allDone(next);
  }, everyMs);
  onEnded((job) => {
    const { sourceName, status, failure } = job;
    if (status === "completed") announce(text.announce.done(sourceName));
    else announce(text.announce.failed(sourceName, failure?.message ?? text.statuses[status]));
  });
}

function allDone({ done, failed }: Summary): void {
  announce(text.announce.allDone);
  if (!document.hidden || !("Notification" in globalThis) || Notification.permission !== "granted") return;
  const told = new Notification(done > 0 ? text.notification.title : text.notification.failed, {
    body: text.notification.body(done, failed),
    icon: "/icon.svg",
  });
  told.onclick = () => window.focus();
}

function summarize(rows: readonly Row[]): Summary {
  const counts = { ...nothing };
  let percents = 0;
  let counted = 0;
  for (const row of rows) {
    const known = row.jobIds.map((id) => jobStore(id).get());
    const jobs = known.map(({ job }) => job);
    const isBusy = isMoving(row) || (row.phase === "uploaded" && !known.every(hasEnded));
    if (isBusy) counts.moving++;
    if (isMoving(row)) counts.sending++;
    if (row.phase === "paused" || row.phase === "needs-permission") counts.resumable++;
    if (needsPerson(row)) counts.waiting++;
    if (isFinished(row)) counts.finished++;
    if (row.phase === "failed" || jobs.some((job) => job?.status === "failed")) counts.failed++;
    else if (isFinished(row) && jobs.some((job) => job?.status === "completed")) counts.done++;
    if (!isBusy && row.phase !== "paused" && !isFinished(row)) continue;
    counted++;
    const uploaded = row.phase === "uploaded" ? 100 : (row.progress?.percent ?? 0);
    const converted = jobs.reduce((sum, job) => sum + (job?.percent ?? 0), 0) / Math.max(1, jobs.length);
    percents += isFinished(row) ? 100 : (uploaded + converted) / 2;
  }
  return { ...counts, percent: counted === 0 ? 0 : Math.floor(percents / counted) };
}
