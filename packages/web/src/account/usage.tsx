import type { Statistics } from "@t2m/contract/people";
import { useQuery } from "@tanstack/react-query";
import { sizeText, waitText } from "../lib/format.ts";
import { record } from "../record/client.ts";
import { Asked } from "../record/parts.tsx";
import { recordText } from "../text-record.ts";

/** How much somebody has used, of all time. */
export function Usage() {
  const question = useQuery({
    queryKey: ["jobs", "statistics"],
    queryFn: ({ signal }) => record.getStatistics({ signal }),
  });
  return (
    <section className="grid gap-3">
      <h2 className="text-lg font-semibold">{recordText.account.usage}</h2>
      <Asked question={question} rows={1} isPart>
        {(statistics) => <Numbers statistics={statistics} />}
      </Asked>
    </section>
  );
}

/** The numbers, also of somebody else, for support. */
export function Numbers({ statistics }: { statistics: Statistics }) {
  const { jobs, uploadedBytes, producedBytes, producedSeconds, computeSeconds } = statistics;
  const texts = recordText.account;
  const open = jobs.waiting + jobs.queued + jobs.running;
  const numbers = [
    [texts.converted, String(jobs.completed), texts.notConverted(jobs.failed, jobs.cancelled, open)],
    [texts.uploadedBytes, sizeText(uploadedBytes), texts.produced(sizeText(producedBytes))],
    [texts.minutes, waitText(producedSeconds), texts.compute(waitText(computeSeconds))],
  ] as const;
  return (
    <dl className="grid gap-3 sm:grid-cols-3">
      {numbers.map(([name, value, more]) => (
        <div key={name} className="card p-4">
          <dt className="text-sm text-soft">{name}</dt>
          <dd className="mt-1 text-xl font-semibold tabular-nums">
            {value}
            <span className="block text-sm font-normal text-soft">{more}</span>
          </dd>
        </div>
      ))}
    </dl>
  );
}
