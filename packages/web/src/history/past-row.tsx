import type { BatchJob } from "@t2m/contract/batches";
import type { PastJob } from "@t2m/contract/history";
import type { Job } from "@t2m/contract/jobs";
import { Link } from "@tanstack/react-router";
import { memo, useState } from "react";
import { clock } from "../lib/clock.ts";
import { clockText, hourText, percentText, sizeText, untilText } from "../lib/format.ts";
import { useStore } from "../lib/store.ts";
import { usePresetTitle } from "../presets/list.ts";
import { isFinal, jobStore, type Known } from "../rows/jobs.ts";
import { text } from "../text.ts";
import { recordText } from "../text-record.ts";
import { Progress } from "../ui/progress.tsx";
import { PastActions } from "./past-actions.tsx";

/** A conversion as the record has it, as it is now. `place` and start are of one that stands in a batch's line. */
export const PastRow = memo(function PastRow({
  job: listed,
  isInBatch = false,
}: {
  job: PastJob & Pick<BatchJob, "place" | "estimatedStartAt">;
  isInBatch?: boolean;
}) {
  const known = useStore(jobStore(listed.id));
  // What is told in hours, and whether its time has come.
  useStore(clock);
  const [problem, setProblem] = useState<string>();
  const job = newest(listed, known);
  const title = usePresetTitle(job.conversion?.preset ?? job.kind);
  const isPast = isOver(job);
  if (known.isGone && !isPast && job.expiresAt !== undefined) return null;
  const { id, sourceName, status, percent, failure, batchId } = job;
  // What stands in a batch's line is not in the live plane yet, and what has expired no longer.
  const isInLine = batchId !== undefined && status === "queued" && !known.job;
  const hasPage = !isPast && !known.isGone && !isInLine;
  return (
    <li
      aria-label={sourceName}
      data-job={id}
      data-status={status}
      className="lazy-row grid gap-2 p-3 [contain-intrinsic-block-size:auto_4.75rem] sm:px-4"
    >
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <div className="min-w-0 grow basis-64">
          <Name id={id} name={sourceName} hasPage={hasPage} />
          <p className="text-sm text-soft tabular-nums">
            {title} · <span className={tones[status] ?? ""}>{text.statuses[status]}</span>
            {factsOf(job, isPast).map((fact) => ` · ${fact}`)}
            {batchId && !isInBatch && (
              <>
                {" · "}
                <Link to="/batches/$batchId" params={{ batchId }} className="link">
                  {recordText.history.ofBatch}
                </Link>
              </>
            )}
          </p>
          {isInLine && listed.place !== undefined && (
            <p className="text-sm tabular-nums">{placeText(listed.place, listed.estimatedStartAt)}</p>
          )}
        </div>
        {!isInLine && <PastActions job={job} isPast={isPast} hasPage={hasPage} onProblem={setProblem} />}
      </div>
      {!isFinal(job) && !isInLine && (
        <div className="flex items-center gap-3">
          <div className="grow">
            <Progress label={text.row.conversion(sourceName, title)} percent={percent} />
          </div>
          <p aria-hidden="true" className="w-12 text-end text-sm tabular-nums">
            {percentText(percent)}
          </p>
        </div>
      )}
      {failure && status === "failed" && <p className="text-sm text-bad">{failure.message}</p>}
      {problem && (
        <p role="alert" className="text-sm font-medium text-bad">
          {problem}
        </p>
      )}
    </li>
  );
});

function Name({ id, name, hasPage }: { id: string; name: string; hasPage: boolean }) {
  if (!hasPage) {
    return (
      <p className="line-clamp-2 font-semibold">
        <bdi>{name}</bdi>
      </p>
    );
  }
  return (
    <Link
      to="/jobs/$jobId"
      params={{ jobId: id }}
      className="line-clamp-2 font-semibold underline-offset-4 hover:underline"
    >
      <bdi>{name}</bdi>
    </Link>
  );
}

/** The live plane is ahead of the record, but for what this page has not asked of it for long. */
function newest(listed: PastJob, { job: live }: Known): PastJob {
  return live && (isFinal(live) || !isFinal(listed)) ? { ...listed, ...live } : listed;
}

/** It is only in the record: it has expired or, cancelled in a batch's line, never was anywhere else. */
const isOver = (job: PastJob) =>
  isFinal(job) && (job.expiresAt === undefined || Date.parse(job.expiresAt) <= Date.now());

function factsOf({ createdAt, status, outputs, expiresAt }: PastJob, isPast: boolean): string[] {
  const [main] = outputs;
  const facts = [
    hourText(createdAt),
    main?.durationSeconds !== undefined && clockText(Math.round(main.durationSeconds)),
    main && sizeText(main.sizeBytes),
    status === "completed" && isPast && recordText.history.expired,
    status === "completed" && !isPast && expiresAt && text.row.expires(untilText(expiresAt)),
  ];
  return facts.filter((fact) => typeof fact === "string");
}

function placeText(place: number, estimatedStartAt?: string): string {
  const standing = recordText.batch.place(place);
  return estimatedStartAt
    ? `${standing} · ${recordText.batch.starts(untilText(estimatedStartAt))}`
    : standing;
}

const tones: Partial<Record<Job["status"], string>> = { completed: "text-good", failed: "text-bad" };
