import type { Job } from "@t2m/contract/jobs";
import { Link } from "@tanstack/react-router";
import { memo, useState } from "react";
import { deleteJob, downloadOutput, repeatJob } from "../job/actions.ts";
import { ConfirmDelete } from "../job/confirm-delete.tsx";
import { hourText, percentText, sizeText, untilText } from "../lib/format.ts";
import { problemText } from "../lib/problem.ts";
import { useStore } from "../lib/store.ts";
import { usePresetTitle } from "../presets/list.ts";
import { isFinal, jobStore } from "../rows/jobs.ts";
import { text } from "../text.ts";
import { Button } from "../ui/button.tsx";
import { Progress } from "../ui/progress.tsx";

/** A conversion in the history, as it is now. */
export const HistoryRow = memo(function HistoryRow({ job: listed }: { job: Job }) {
  const { job = listed, isGone } = useStore(jobStore(listed.id));
  const [problem, setProblem] = useState<string>();
  const title = usePresetTitle(job.conversion.preset);
  if (isGone) return null;
  const { id, sourceName, status, percent, createdAt, expiresAt, failure } = job;
  const [main] = job.outputs;
  const facts = [
    hourText(createdAt),
    main && sizeText(main.sizeBytes),
    status === "completed" && text.row.expires(untilText(expiresAt)),
  ];
  return (
    <li
      aria-label={sourceName}
      data-job={id}
      data-status={status}
      className="lazy-row grid gap-2 p-3 sm:px-4"
    >
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <div className="min-w-0 grow basis-64">
          <Link
            to="/jobs/$jobId"
            params={{ jobId: id }}
            className="line-clamp-2 font-semibold underline-offset-4 hover:underline"
          >
            <bdi>{sourceName}</bdi>
          </Link>
          <p className="text-sm text-soft tabular-nums">
            {title} · <span className={tones[status] ?? ""}>{text.statuses[status]}</span>
            {facts.filter(Boolean).map((fact) => ` · ${fact}`)}
          </p>
        </div>
        <Actions job={job} onProblem={setProblem} />
      </div>
      {!isFinal(job) && (
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

const tones: Partial<Record<Job["status"], string>> = { completed: "text-good", failed: "text-bad" };

function Actions({ job, onProblem }: { job: Job; onProblem: (problem: string | undefined) => void }) {
  const [isAsking, setAsking] = useState(false);
  const { id, sourceName, outputs } = job;
  const [main] = outputs;
  const attempt = (act: () => Promise<unknown>) => {
    onProblem(undefined);
    act().catch((error: unknown) => onProblem(problemText(error)));
  };
  return (
    <div className="flex flex-wrap gap-2">
      {job.status === "completed" && main && (
        <Button
          small
          look="main"
          about={main.fileName}
          onClick={() => attempt(() => downloadOutput(id, main.name))}
        >
          {text.row.download}
        </Button>
      )}
      {isFinal(job) && (
        <Button small about={sourceName} onClick={() => attempt(() => repeatJob(job))}>
          {text.row.again}
        </Button>
      )}
      <Button small look="bad" about={sourceName} onClick={() => setAsking(true)}>
        {text.delete}
      </Button>
      {isAsking && (
        <ConfirmDelete
          name={sourceName}
          onClose={() => setAsking(false)}
          onDelete={() => attempt(() => deleteJob(id))}
        />
      )}
    </div>
  );
}
