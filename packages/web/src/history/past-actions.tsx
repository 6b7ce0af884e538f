import type { PastJob } from "@t2m/contract/history";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { deleteJob, deletePastJob, downloadOutput, repeatJob } from "../job/actions.ts";
import { mayRepeat } from "../job/failure.ts";
import { isNotFound, problemText } from "../lib/problem.ts";
import { isFinal } from "../rows/jobs.ts";
import { client } from "../session/client.ts";
import { config } from "../session/config.ts";
import { text } from "../text.ts";
import { recordText } from "../text-record.ts";
import { Button } from "../ui/button.tsx";
import { Confirm } from "../ui/confirm.tsx";

/** What can be done with a conversion. One that is past, and only in the record, can be deleted from there. */
export function PastActions({
  job,
  isPast,
  hasPage,
  onProblem,
}: {
  job: PastJob;
  isPast: boolean;
  hasPage: boolean;
  onProblem: (problem: string | undefined) => void;
}) {
  const navigate = useNavigate();
  const [isAsking, setAsking] = useState(false);
  const { id, sourceName, uploadId, conversion, status } = job;
  const [main] = job.outputs;
  const attempt = (act: () => Promise<unknown>, gone: string = text.job.inputGone) => {
    onProblem(undefined);
    act().catch((error: unknown) => onProblem(isNotFound(error) ? gone : problemText(error)));
  };
  const share = async () => {
    const { items } = await client.listFiles({ query: { jobId: id, kind: "main", limit: 1 } });
    const [file] = items;
    if (!file) return onProblem(recordText.history.notYetRecorded);
    await navigate({ to: "/files/$fileId", params: { fileId: file.id } });
  };
  return (
    <div className="flex flex-wrap gap-2">
      {!isPast && status === "completed" && main && (
        <>
          <Button
            small
            look="main"
            about={main.fileName}
            onClick={() => attempt(() => downloadOutput(id, main.name), text.player.expired)}
          >
            {text.row.download}
          </Button>
          {config().hasRecord && (
            <Button small about={main.fileName} onClick={() => attempt(share)}>
              {recordText.history.share}
            </Button>
          )}
        </>
      )}
      {!isPast && isFinal(job) && mayRepeat(job) && uploadId && conversion && (
        <Button small about={sourceName} onClick={() => attempt(() => repeatJob({ uploadId, conversion }))}>
          {text.row.again}
        </Button>
      )}
      {(hasPage || (isPast && config().hasRecord)) && (
        <Button small look="bad" about={sourceName} onClick={() => setAsking(true)}>
          {text.delete}
        </Button>
      )}
      {isAsking && (
        <Confirm
          heading={text.job.removeHeading}
          body={isPast ? recordText.history.removeBody(sourceName) : text.job.removeBody(sourceName)}
          action={text.delete}
          onClose={() => setAsking(false)}
          onConfirm={() => attempt(() => (isPast ? deletePastJob(id) : deleteJob(id)), text.row.gone)}
        />
      )}
    </div>
  );
}
