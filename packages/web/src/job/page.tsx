import type { Job, JobEvent } from "@t2m/contract/jobs";
import { Link, useParams } from "@tanstack/react-router";
import { useEffect } from "react";
import { Queries } from "../app/queries.tsx";
import { useTitle } from "../app/use-title.ts";
import { announce } from "../lib/announce.ts";
import { dateTimeText, percentText } from "../lib/format.ts";
import { problemText } from "../lib/problem.ts";
import { usePresetTitle } from "../presets/list.ts";
import { isFinal } from "../rows/jobs.ts";
import { text } from "../text.ts";
import { Button } from "../ui/button.tsx";
import { Message, Placeholder, Problem } from "../ui/message.tsx";
import { Progress } from "../ui/progress.tsx";
import { Facts } from "./facts.tsx";
import { JobActions } from "./job-actions.tsx";
import { Results } from "./results.tsx";
import { Source } from "./source.tsx";
import { Timeline } from "./timeline.tsx";
import { useJob } from "./use-job.ts";

/** One conversion: its permanent address. */
export function JobPage() {
  return (
    <Queries>
      <OneJob />
    </Queries>
  );
}

function OneJob() {
  const { jobId } = useParams({ from: "/jobs/$jobId" });
  const { job, isGone, events, error, retry } = useJob(jobId);
  useTitle(job?.sourceName ?? text.job.loading);
  if (isGone || isMalformed(error)) return <Gone job={job} />;
  if (job) return <Shown job={job} events={events} error={error} />;
  if (!error) return <Placeholder label={text.job.loading} rows={4} />;
  return (
    <Message level={1} heading={text.problem.heading} body={problemText(error)}>
      <Button look="main" onClick={retry}>
        {text.tryAgain}
      </Button>
    </Message>
  );
}

// The clocks of this machine and of the service may differ.
const clockSlackMs = 60_000;

/** What was here and no longer is says why; what never was here does not tell whose it may be. */
function Gone({ job }: { job: Job | undefined }) {
  const isExpired = job !== undefined && Date.parse(job.expiresAt) <= Date.now() + clockSlackMs;
  const deleted = isExpired ? text.job.expiredHeading : text.job.deletedHeading;
  const heading = job ? deleted : text.job.goneHeading;
  const body = isExpired
    ? text.job.expiredBody(job.sourceName, dateTimeText(job.expiresAt))
    : job && text.job.deletedBody(job.sourceName);
  // It may happen while somebody is on the page.
  useEffect(() => announce(heading), [heading]);
  return (
    <Message level={1} heading={heading} body={body ?? text.job.goneBody}>
      <Link to="/history" className="button button-plain">
        {text.job.back}
      </Link>
      <Link to="/" className="button button-main">
        {text.notFound.home}
      </Link>
    </Message>
  );
}

/** An address that is no job's id is refused as one. */
const isMalformed = (error: unknown) =>
  error instanceof Error && "code" in error && error.code === "request.invalid";

function Shown({ job, events, error }: { job: Job; events: readonly JobEvent[]; error: unknown }) {
  const title = usePresetTitle(job.conversion.preset);
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-8">
      <header className="grid gap-3">
        <Link to="/history" className="link justify-self-start text-sm">
          {text.job.back}
        </Link>
        <h1 className="text-2xl font-bold tracking-tight sm:text-3xl">
          <bdi>{job.sourceName}</bdi> <span className="font-normal text-soft">{text.job.to(title)}</span>
        </h1>
        <Standing job={job} title={title} />
        {error !== undefined && <Problem>{problemText(error)}</Problem>}
        <JobActions job={job} />
      </header>
      {job.failure && job.status === "failed" && <WhyFailed failure={job.failure} />}
      <Section heading={text.job.outputs}>
        {job.outputs.length > 0 ? (
          <>
            <Results job={job} />
            {job.outputs.map((output) => (
              <Facts key={output.name} output={output} />
            ))}
          </>
        ) : (
          <p className="text-soft">{isFinal(job) ? text.job.noOutputsEnded : text.job.noOutputs}</p>
        )}
      </Section>
      <Section heading={text.job.input}>
        <Source job={job} />
      </Section>
      <Section heading={text.job.timeline}>
        <Timeline job={job} events={events} />
      </Section>
    </div>
  );
}

function Section({ heading, children }: { heading: string; children: React.ReactNode }) {
  return (
    <section className="grid gap-3">
      <h2 className="text-lg font-semibold">{heading}</h2>
      {children}
    </section>
  );
}

function Standing({ job, title }: { job: Job; title: string }) {
  const { status, percent, sourceName } = job;
  const words = job.cancelRequested && !isFinal(job) ? text.cancelling : text.statuses[status];
  return (
    <div className="grid gap-2">
      <p className="flex gap-3 font-medium tabular-nums" data-status={status}>
        <span role="status" className={`me-auto ${tones[status] ?? ""}`}>
          {words}
        </span>
        {status === "running" && <span aria-hidden="true">{percentText(percent)}</span>}
      </p>
      {!isFinal(job) && <Progress label={text.row.conversion(sourceName, title)} percent={percent} />}
    </div>
  );
}

const tones: Partial<Record<Job["status"], string>> = { completed: "text-good", failed: "text-bad" };

function WhyFailed({ failure }: { failure: NonNullable<Job["failure"]> }) {
  const advice = text.advice[failure.code];
  return (
    <section className="grid gap-2 rounded-xl border border-bad bg-bad-tint p-4">
      <h2 className="font-semibold text-bad">{text.job.failure}</h2>
      <p>{failure.message}</p>
      {advice && <p>{advice}</p>}
      {failure.log && (
        <details>
          <summary className="flex min-h-11 items-center">{text.job.log}</summary>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
          <pre tabIndex={0} className="max-h-64 overflow-auto rounded-lg bg-card p-3 text-xs">
            {failure.log}
          </pre>
        </details>
      )}
    </section>
  );
}
