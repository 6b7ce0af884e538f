import { percentText, speedText, waitText } from "../lib/format.ts";
import type { Row } from "../rows/row.ts";
import { text } from "../text.ts";
import { Progress } from "../ui/progress.tsx";

/** How far an upload is, in words and as a bar. */
export function UploadState({ row }: { row: Row }) {
  const { progress, phase, name, problem } = row;
  const percent = progress?.percent ?? 0;
  if (phase === "gone") return <p className="mt-1 text-sm text-soft">{text.row.gone}</p>;
  if (phase === "failed" && problem?.canRetry === false) return null;
  return (
    <div className="mt-1 grid gap-1.5">
      <div className="flex gap-x-3 text-sm text-soft tabular-nums">
        <p className="me-auto">{[wordsOf(row), ...numbersOf(row)].filter(Boolean).join(" · ")}</p>
        <p aria-hidden="true" className="shrink-0">
          {percentText(percent)}
        </p>
      </div>
      <Progress
        label={text.row.upload(name)}
        percent={percent}
        tone={phase === "sending" || phase === "completing" ? "accent" : "soft"}
      />
    </div>
  );
}

function wordsOf({ phase, name, progress }: Row): string {
  switch (phase) {
    case "sending":
      return progress && progress.partsRetrying > 0 ? text.row.retrying : text.row.sending;
    case "needs-file":
      return text.row.needsFile(name);
    case "needs-permission":
      return text.row.needsPermission;
    case "failed":
      return text.statuses.failed;
    default:
      return text.row[phase];
  }
}

function numbersOf({ phase, progress, partCount }: Row): string[] {
  if (!progress || phase === "queued") return [];
  const { partsStored, bytesPerSecond, secondsLeft } = progress;
  const parts = partCount === undefined ? [] : [text.row.parts(partsStored, partCount)];
  if (phase !== "sending" || bytesPerSecond === 0) return parts;
  const left = secondsLeft === undefined ? [] : [text.row.left(waitText(secondsLeft))];
  return [...parts, speedText(bytesPerSecond), ...left];
}
