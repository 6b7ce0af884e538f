import type { Batch } from "@t2m/contract/batches";
import { jobStatuses } from "@t2m/contract/job-status";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { Queries } from "../app/queries.tsx";
import { useTitle } from "../app/use-title.ts";
import { PastRow } from "../history/past-row.tsx";
import { dateTimeText, percentText, untilText } from "../lib/format.ts";
import { isNotFound } from "../lib/problem.ts";
import { record } from "../record/client.ts";
import { Asked, More } from "../record/parts.tsx";
import { text } from "../text.ts";
import { recordText } from "../text-record.ts";
import { Message } from "../ui/message.tsx";
import { Progress } from "../ui/progress.tsx";
import { batchName, isUnderWay } from "./batch.ts";
import { BatchActions } from "./batch-actions.tsx";

const lookAgainMs = 2_000;
const pageSize = 50;

/** One batch: how far it is, and what each of its conversions waits for. */
export function BatchPage() {
  return (
    <Queries>
      <OneBatch />
    </Queries>
  );
}

function OneBatch() {
  const { batchId } = useParams({ from: "/batches/$batchId" });
  const question = useQuery({
    queryKey: ["jobs", "batch", batchId],
    queryFn: ({ signal }) => record.getBatch({ params: { batchId }, signal }),
    refetchInterval: ({ state: { data } }) => (!data || isUnderWay(data) ? lookAgainMs : false),
  });
  const { data, error } = question;
  useTitle(data ? batchName(data) : recordText.batches.heading);
  if (isNotFound(error) || (error && "code" in error && error.code === "request.invalid")) {
    return (
      <Message level={1} heading={recordText.batch.goneHeading} body={recordText.batch.goneBody}>
        <Link to="/batches" className="button button-plain">
          {recordText.tabs.batches}
        </Link>
      </Message>
    );
  }
  return (
    <Asked question={question}>
      {(batch) => (
        <div className="grid grid-cols-[minmax(0,1fr)] gap-6">
          <Standing batch={batch} />
          <Jobs batch={batch} />
        </div>
      )}
    </Asked>
  );
}

function Standing({ batch }: { batch: Batch }) {
  const { status, percent, jobs, priority, createdAt, estimatedCompletionAt } = batch;
  const name = batchName(batch);
  const counts = jobStatuses
    .filter((known) => jobs[known] > 0)
    .map((known) => `${jobs[known]} ${recordText.batch.counted[known]}`);
  return (
    <header className="grid gap-3">
      <Link to="/batches" className="link justify-self-start text-sm">
        {recordText.tabs.batches}
      </Link>
      <h1 className="text-2xl font-bold tracking-tight sm:text-3xl">
        <bdi>{name}</bdi>
      </h1>
      <p className="text-sm text-soft">
        {dateTimeText(createdAt)} · {recordText.batch.withPriority(recordText.priorities[priority])}
      </p>
      <div className="grid gap-2">
        <p className="flex gap-3 font-medium tabular-nums" data-batch-status={status}>
          <span role="status" className="me-auto">
            {recordText.batch.statuses[status]}
          </span>
          <span aria-hidden="true">{percentText(percent)}</span>
        </p>
        <Progress label={recordText.batch.progress(name)} percent={percent} />
        <p className="text-sm text-soft tabular-nums">
          {counts.join(" · ")}
          {status === "open" &&
            estimatedCompletionAt &&
            ` · ${recordText.batch.ends(untilText(estimatedCompletionAt))}`}
        </p>
        {status === "open" && jobs.queued > 0 && <InLine />}
        {status === "paused" && <p className="text-sm text-warn">{recordText.batch.pausedHint}</p>}
      </div>
      <BatchActions batch={batch} />
    </header>
  );
}

/** Where one's next conversion stands in the line of all. */
function InLine() {
  const { data } = useQuery({
    queryKey: ["jobs", "queue"],
    queryFn: ({ signal }) => record.getQueue({ signal }),
    refetchInterval: lookAgainMs,
  });
  const { nextPlace, estimatedStartAt, limits } = data ?? {};
  const parts = [
    nextPlace !== undefined && recordText.batch.next(nextPlace),
    estimatedStartAt && recordText.batch.starts(untilText(estimatedStartAt)),
    limits && recordText.batch.atOnce(limits.perUser),
  ];
  return <p className="min-h-5 text-sm text-soft tabular-nums">{parts.filter(Boolean).join(" · ")}</p>;
}

function Jobs({ batch }: { batch: Batch }) {
  const question = useInfiniteQuery({
    queryKey: ["jobs", "batch", batch.id, "jobs"],
    initialPageParam: "",
    queryFn: ({ pageParam: cursor, signal }) =>
      record.listBatchJobs({
        params: { batchId: batch.id },
        query: { limit: pageSize, ...(cursor && { cursor }) },
        signal,
      }),
    getNextPageParam: ({ cursor }) => cursor,
    refetchInterval: ({ state: { data } }) =>
      isUnderWay(batch) ? lookAgainMs * (data?.pages.length ?? 1) : false,
  });
  return (
    <section className="grid gap-3">
      <h2 className="text-lg font-semibold">{text.history.list}</h2>
      <Asked question={question}>
        {({ pages }) => (
          <>
            <ol aria-label={text.history.list} className="card divide-y divide-line">
              {pages
                .flatMap(({ items }) => items)
                .map((job) => (
                  <PastRow key={job.id} job={job} isInBatch />
                ))}
            </ol>
            {question.hasNextPage && <More list={question} />}
          </>
        )}
      </Asked>
    </section>
  );
}
