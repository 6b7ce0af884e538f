import type { Batch } from "@t2m/contract/batches";
import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Queries } from "../app/queries.tsx";
import { useTitle } from "../app/use-title.ts";
import { dateTimeText, percentText } from "../lib/format.ts";
import { record } from "../record/client.ts";
import { Asked, More, RecordTabs } from "../record/parts.tsx";
import { recordText } from "../text-record.ts";
import { Message } from "../ui/message.tsx";
import { Progress } from "../ui/progress.tsx";
import { batchName, isUnderWay } from "./batch.ts";

const lookAgainMs = 5_000;
const lookAgainAtRestMs = 30_000;

/** All batches, newest first. */
export function BatchesPage() {
  useTitle(recordText.batches.heading);
  return (
    <Queries>
      <h1 className="mb-3 text-2xl font-bold tracking-tight sm:text-3xl">{recordText.batches.heading}</h1>
      <RecordTabs />
      <Listed />
    </Queries>
  );
}

function Listed() {
  const question = useInfiniteQuery({
    queryKey: ["jobs", "batches"],
    initialPageParam: "",
    queryFn: ({ pageParam: cursor, signal }) =>
      record.listBatches({ query: { limit: 20, ...(cursor && { cursor }) }, signal }),
    getNextPageParam: ({ cursor }) => cursor,
    refetchInterval: ({ state: { data } }) => {
      const isMoving = data?.pages.some(({ items }) => items.some(isUnderWay));
      return (isMoving ? lookAgainMs : lookAgainAtRestMs) * (data?.pages.length ?? 1);
    },
  });
  return (
    <Asked question={question}>
      {({ pages }) => {
        const batches = pages.flatMap(({ items }) => items);
        if (batches.length === 0) {
          return (
            <Message heading={recordText.batches.empty} body={recordText.batches.emptyBody}>
              <Link to="/files" className="button button-main">
                {recordText.batches.toFiles}
              </Link>
            </Message>
          );
        }
        return (
          <>
            <ul aria-label={recordText.batches.heading} className="card divide-y divide-line">
              {batches.map((batch) => (
                <BatchRow key={batch.id} batch={batch} />
              ))}
            </ul>
            <More list={question} />
          </>
        );
      }}
    </Asked>
  );
}

function BatchRow({ batch }: { batch: Batch }) {
  const { id, status, jobCount, percent, createdAt, priority } = batch;
  const name = batchName(batch);
  const facts = [
    recordText.batch.statuses[status],
    recordText.batch.count(jobCount),
    priority !== "normal" && recordText.batch.withPriority(recordText.priorities[priority]),
    dateTimeText(createdAt),
  ];
  return (
    <li aria-label={name} data-batch={id} className="grid gap-2 px-4 py-3">
      <div>
        <Link
          to="/batches/$batchId"
          params={{ batchId: id }}
          className="font-semibold underline-offset-4 hover:underline"
        >
          <bdi>{name}</bdi>
        </Link>
        <p className="text-sm text-soft tabular-nums">{facts.filter(Boolean).join(" · ")}</p>
      </div>
      {isUnderWay(batch) && (
        <div className="flex items-center gap-3">
          <div className="grow">
            <Progress label={recordText.batch.progress(name)} percent={percent} />
          </div>
          <p aria-hidden="true" className="w-12 text-end text-sm tabular-nums">
            {percentText(percent)}
          </p>
        </div>
      )}
    </li>
  );
}
