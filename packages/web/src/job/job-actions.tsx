import type { Job } from "@t2m/contract/jobs";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { isNotFound, problemText } from "../lib/problem.ts";
import { isFinal } from "../rows/jobs.ts";
import { text } from "../text.ts";
import { Button } from "../ui/button.tsx";
import { Problem } from "../ui/message.tsx";
import { cancelJob, deleteJob, repeatJob } from "./actions.ts";
import { ConfirmDelete } from "./confirm-delete.tsx";
import { useSource } from "./source.tsx";

/** What can be done with a conversion as it stands. */
export function JobActions({ job }: { job: Job }) {
  const navigate = useNavigate();
  const { error: sourceError } = useSource(job.uploadId);
  const [isBusy, setBusy] = useState(false);
  const [isAsking, setAsking] = useState(false);
  const [problem, setProblem] = useState<string>();
  const attempt = async (act: () => Promise<void>) => {
    setBusy(true);
    setProblem(undefined);
    await act().catch((error: unknown) =>
      setProblem(isNotFound(error) ? text.job.inputGone : problemText(error)),
    );
    setBusy(false);
  };
  const repeat = () =>
    attempt(async () => {
      const { id } = await repeatJob(job);
      await navigate({ to: "/jobs/$jobId", params: { jobId: id } });
    });
  const remove = () =>
    attempt(async () => {
      await deleteJob(job.id);
      await navigate({ to: "/history" });
    });
  return (
    <>
      <div className="flex flex-wrap gap-3">
        {isFinal(job) && !isNotFound(sourceError) && (
          <Button
            look={job.status === "completed" ? "plain" : "main"}
            disabled={isBusy}
            onClick={() => void repeat()}
          >
            {text.job.retry}
          </Button>
        )}
        {!isFinal(job) && (
          <Button
            disabled={isBusy || job.cancelRequested}
            onClick={() => void attempt(() => cancelJob(job.id))}
          >
            {text.job.cancel}
          </Button>
        )}
        <Button look="bad" disabled={isBusy} onClick={() => setAsking(true)}>
          {text.job.remove}
        </Button>
      </div>
      {problem && <Problem>{problem}</Problem>}
      {isAsking && (
        <ConfirmDelete
          name={job.sourceName}
          onClose={() => setAsking(false)}
          onDelete={() => void remove()}
        />
      )}
    </>
  );
}
