import type { Job } from "@t2m/contract/jobs";
import { useQuery } from "@tanstack/react-query";
import { clock } from "../lib/clock.ts";
import { dateTimeText, sizeText, untilText, waitText } from "../lib/format.ts";
import { isNotFound } from "../lib/problem.ts";
import { useStore } from "../lib/store.ts";
import { client } from "../session/client.ts";
import { text } from "../text.ts";
import { FactList } from "./facts.tsx";

export const useSource = (uploadId: string) =>
  useQuery({
    queryKey: ["upload", uploadId],
    queryFn: ({ signal }) => client.getUpload({ params: { uploadId }, signal }),
  });

/** What was given to the conversion: the file, and what was asked of it. */
export function Source({ job }: { job: Job }) {
  const { data: upload, error } = useSource(job.uploadId);
  const now = useStore(clock);
  const { createdAt, startedAt, finishedAt, expiresAt, conversion } = job;
  const options = Object.entries(conversion.options).map(
    ([name, value]) =>
      `${text.optionNames[name] ?? name}: ${text.optionValues[`${name} ${value}`] ?? String(value)}`,
  );
  const took = startedAt && finishedAt ? (Date.parse(finishedAt) - Date.parse(startedAt)) / 1000 : undefined;
  return (
    <div className="card p-4">
      {isNotFound(error) && <p className="mb-3 text-sm text-warn">{text.job.inputGone}</p>}
      <FactList
        facts={[
          [text.job.size, upload && sizeText(upload.sizeBytes)],
          [text.job.type, upload?.type],
          [text.job.uploaded, upload?.completedAt && dateTimeText(upload.completedAt)],
          [text.job.options, options.join(", ")],
          [text.job.created, dateTimeText(createdAt)],
          [text.job.started, startedAt && dateTimeText(startedAt)],
          [text.job.finished, finishedAt && dateTimeText(finishedAt)],
          [text.job.took, took === undefined ? undefined : waitText(took)],
          [text.job.expires, `${dateTimeText(expiresAt)} (${untilText(expiresAt, now)})`],
        ]}
      />
    </div>
  );
}
