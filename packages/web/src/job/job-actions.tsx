import type { Job } from "@t2m/contract/jobs";
import type { ConversionRequest } from "@t2m/contract/presets";
import { Link, useNavigate } from "@tanstack/react-router";
import { lazy, Suspense, useState } from "react";
import { isNotFound, problemText } from "../lib/problem.ts";
import { kindOf } from "../rows/choose.ts";
import { isFinal } from "../rows/jobs.ts";
import { text } from "../text.ts";
import { Button } from "../ui/button.tsx";
import { Confirm } from "../ui/confirm.tsx";
import { Problem } from "../ui/message.tsx";
import { cancelJob, deleteJob, repeatJob } from "./actions.ts";
import { isHopeless, mayRepeat } from "./failure.ts";
import { useSource } from "./source.tsx";

const OptionsDialog = lazy(() => import("../convert/options-dialog.tsx"));

/** What can be done with a conversion as it stands. */
export function JobActions({ job }: { job: Job }) {
  const navigate = useNavigate();
  const { data: upload, error: sourceError } = useSource(job.uploadId);
  const [isBusy, setBusy] = useState(false);
  const [asked, setAsked] = useState<"delete" | "format">();
  const [problem, setProblem] = useState<string>();
  const attempt = async (act: () => Promise<void>) => {
    setBusy(true);
    setProblem(undefined);
    await act().catch((error: unknown) =>
      setProblem(isNotFound(error) ? text.job.inputGone : problemText(error)),
    );
    setBusy(false);
  };
  const convert = (conversion: ConversionRequest) =>
    attempt(async () => {
      const { id } = await repeatJob({ ...job, conversion });
      await navigate({ to: "/jobs/$jobId", params: { jobId: id } });
    });
  const remove = () =>
    attempt(async () => {
      await deleteJob(job.id);
      await navigate({ to: "/history" });
    });
  const canConvert = isFinal(job) && !isNotFound(sourceError) && !isHopeless(job);
  return (
    <>
      <div className="flex flex-wrap gap-3">
        {canConvert && mayRepeat(job) && (
          <Button
            look={job.status === "completed" ? "plain" : "main"}
            disabled={isBusy}
            onClick={() => void convert(job.conversion)}
          >
            {text.job.retry}
          </Button>
        )}
        {canConvert && (
          <Button
            look={mayRepeat(job) ? "plain" : "main"}
            disabled={isBusy}
            onClick={() => setAsked("format")}
          >
            {text.job.otherFormat}
          </Button>
        )}
        {isHopeless(job) && (
          <Link to="/" className="button button-main">
            {text.job.otherFile}
          </Link>
        )}
        {!isFinal(job) && (
          <Button
            disabled={isBusy || job.cancelRequested}
            onClick={() => void attempt(() => cancelJob(job.id))}
          >
            {text.job.cancel}
          </Button>
        )}
        <Button look="bad" disabled={isBusy} onClick={() => setAsked("delete")}>
          {text.job.remove}
        </Button>
      </div>
      {problem && <Problem>{problem}</Problem>}
      {asked === "delete" && (
        <Confirm
          heading={text.job.removeHeading}
          body={text.job.removeBody(job.sourceName)}
          action={text.delete}
          onClose={() => setAsked(undefined)}
          onConfirm={() => void remove()}
        />
      )}
      {asked === "format" && (
        <Suspense>
          <OptionsDialog
            isAgain
            subject={{
              name: job.sourceName,
              kind: kindOf({ name: job.sourceName, type: upload?.type ?? "" }),
              wanted: job.conversion,
            }}
            onSave={(conversion) => void convert(conversion)}
            onClose={() => setAsked(undefined)}
          />
        </Suspense>
      )}
    </>
  );
}
