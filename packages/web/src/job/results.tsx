import type { Job, Output } from "@t2m/contract/jobs";
import { lazy, Suspense, useState } from "react";
import { clockText, sizeText } from "../lib/format.ts";
import { isNotFound, problemText } from "../lib/problem.ts";
import { text } from "../text.ts";
import { Button } from "../ui/button.tsx";
import { downloadOutput } from "./actions.ts";

const Player = lazy(() => import("../media/player.tsx"));

/** A finished job's files, to play and to keep. */
export function Results({ job: { id, outputs } }: { job: Job }) {
  const poster = outputs.find(({ role }) => role === "poster");
  const isAlone = outputs.every(({ role }) => role === "poster");
  return (
    <ul className="grid gap-2">
      {outputs
        .filter(({ role }) => isAlone || role !== "poster")
        .map((output) => (
          <Result key={output.name} jobId={id} output={output} poster={poster} />
        ))}
    </ul>
  );
}

function Result({ jobId, output, poster }: { jobId: string; output: Output; poster: Output | undefined }) {
  const [isPlaying, setPlaying] = useState(false);
  const [problem, setProblem] = useState<string>();
  const { name, fileName } = output;
  const canPlay = /^(audio|video|image)\//.test(output.contentType);
  const download = () => {
    setProblem(undefined);
    downloadOutput(jobId, name).catch((error: unknown) =>
      setProblem(isNotFound(error) ? text.player.expired : problemText(error)),
    );
  };
  return (
    <li className="rounded-lg bg-sunken p-2 ps-3">
      <div className="flex flex-wrap items-center gap-2">
        <p className="me-auto min-w-0 text-sm">
          <bdi className="font-medium">{fileName}</bdi>{" "}
          <span className="text-soft tabular-nums">{factsOf(output)}</span>
        </p>
        {canPlay && (
          <Button small about={fileName} aria-expanded={isPlaying} onClick={() => setPlaying(!isPlaying)}>
            {isPlaying ? text.row.hide : text.row.play}
          </Button>
        )}
        <Button small look="main" about={fileName} onClick={download}>
          {text.row.download}
        </Button>
      </div>
      {problem && (
        <p role="alert" className="mt-1 text-sm font-medium text-bad">
          {problem}
        </p>
      )}
      {isPlaying && (
        <Suspense fallback={<div className="mt-2 h-24 rounded-lg bg-card" />}>
          <Player jobId={jobId} output={output} poster={poster} />
        </Suspense>
      )}
    </li>
  );
}

const factsOf = ({ sizeBytes, durationSeconds }: Output) =>
  [sizeText(sizeBytes), durationSeconds !== undefined && clockText(Math.round(durationSeconds))]
    .filter(Boolean)
    .join(" · ");
