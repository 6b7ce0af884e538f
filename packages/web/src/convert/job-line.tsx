import type { Job } from "@t2m/contract/jobs";
import { Link } from "@tanstack/react-router";
import { cancelJob } from "../job/actions.ts";
import { Results } from "../job/results.tsx";
import { clock } from "../lib/clock.ts";
import { percentText, untilText } from "../lib/format.ts";
import { useStore } from "../lib/store.ts";
import { usePresetTitle } from "../presets/list.ts";
import { isFinal, jobStore } from "../rows/jobs.ts";
import { text } from "../text.ts";
import { Button } from "../ui/button.tsx";
import { Progress } from "../ui/progress.tsx";

/** One conversion of a file: how far it is, then what came of it. */
export function JobLine({ jobId, name }: { jobId: string; name: string }) {
  const { job, isGone } = useStore(jobStore(jobId));
  const now = useStore(clock);
  const isExpired = job !== undefined && isFinal(job) && Date.parse(job.expiresAt) <= now;
  if (isGone || isExpired) return <p className="mt-1 text-sm text-soft">{text.row.gone}</p>;
  if (!job) return <p className="mt-1 min-h-8 text-sm text-soft">{text.row.uploaded}</p>;
  return <Known job={job} name={name} now={now} />;
}

function Known({ job, name, now }: { job: Job; name: string; now: number }) {
  const { id, status, percent, expiresAt, failure, conversion } = job;
  const title = usePresetTitle(conversion.preset);
  const words = job.cancelRequested && !isFinal(job) ? text.cancelling : text.statuses[status];
  return (
    <div data-job={id} data-status={status} className="mt-1 grid gap-1.5">
      <div className="flex flex-wrap items-center gap-x-3 text-sm tabular-nums">
        <p className={`me-auto ${tones[status] ?? "text-soft"}`}>
          <span className="font-semibold text-ink">{title}</span> · {words}
        </p>
        {status === "running" && <p aria-hidden="true">{percentText(percent)}</p>}
        {status === "completed" && <p className="text-soft">{text.row.expires(untilText(expiresAt, now))}</p>}
        <Link
          to="/jobs/$jobId"
          params={{ jobId: id }}
          className="link inline-flex min-h-8 items-center"
          aria-label={text.row.of(text.row.details, name)}
        >
          {text.row.details}
        </Link>
        {!isFinal(job) && (
          <Button small look="quiet" about={name} onClick={() => void cancelJob(id)}>
            {text.row.cancel}
          </Button>
        )}
      </div>
      {!isFinal(job) && <Progress label={text.row.conversion(name, title)} percent={percent} />}
      {failure && status === "failed" && <p className="text-sm font-medium text-bad">{failure.message}</p>}
      {status === "completed" && <Results job={job} />}
    </div>
  );
}

const tones: Partial<Record<Job["status"], string>> = { completed: "text-good", failed: "text-bad" };
