import type { Batch } from "@t2m/contract/batches";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { problemText } from "../lib/problem.ts";
import { client } from "../session/client.ts";
import { text } from "../text.ts";
import { recordText } from "../text-record.ts";
import { Button } from "../ui/button.tsx";
import { Confirm } from "../ui/confirm.tsx";
import { Problem } from "../ui/message.tsx";

const calls = { pause: client.pauseBatch, resume: client.resumeBatch, cancel: client.cancelBatch } as const;

/** Pause, go on, cancel: what a batch that has not ended takes. */
export function BatchActions({ batch: { id: batchId, status, jobCount } }: { batch: Batch }) {
  const queries = useQueryClient();
  const [isAsking, setAsking] = useState(false);
  const change = useMutation({
    mutationFn: (what: keyof typeof calls) => calls[what]({ params: { batchId } }),
    onSuccess: (batch) => {
      queries.setQueryData(["jobs", "batch", batchId], batch);
      void queries.invalidateQueries({ queryKey: ["jobs"] });
    },
  });
  if (status !== "open" && status !== "paused") return null;
  return (
    <>
      <div className="flex flex-wrap gap-3">
        {status === "open" ? (
          <Button disabled={change.isPending} onClick={() => change.mutate("pause")}>
            {text.row.pause}
          </Button>
        ) : (
          <Button look="main" disabled={change.isPending} onClick={() => change.mutate("resume")}>
            {text.row.resume}
          </Button>
        )}
        <Button look="bad" disabled={change.isPending} onClick={() => setAsking(true)}>
          {recordText.batch.cancel}
        </Button>
      </div>
      {change.error && <Problem>{problemText(change.error)}</Problem>}
      {isAsking && (
        <Confirm
          heading={recordText.batch.cancelHeading}
          body={recordText.batch.cancelBody(jobCount)}
          action={recordText.batch.cancel}
          keep={recordText.batch.keep}
          onClose={() => setAsking(false)}
          onConfirm={() => change.mutate("cancel")}
        />
      )}
    </>
  );
}
