import { memo, useRef } from "react";
import { clockText, sizeText } from "../lib/format.ts";
import { useSeen } from "../lib/seen.ts";
import { type Store, useStore } from "../lib/store.ts";
import { ResultPicture } from "../media/result-picture.tsx";
import type { Row } from "../rows/row.ts";
import { rowStore } from "../rows/rows.ts";
import { text } from "../text.ts";
import { JobLine } from "./job-line.tsx";
import { RowActions } from "./row-actions.tsx";
import { UploadState } from "./upload-state.tsx";

/** One file. It renders when its own store changes, and for nothing else. */
export const RowView = memo(function RowView({ id }: { id: string }) {
  const store = rowStore(id);
  return store ? <Shown store={store} /> : null;
});

function Shown({ store }: { store: Store<Row> }) {
  const row = useStore(store);
  const { name, sizeBytes, durationSeconds, phase, jobIds, problem } = row;
  const facts = [
    sizeText(sizeBytes),
    durationSeconds !== undefined && clockText(Math.round(durationSeconds)),
  ];
  return (
    <li aria-label={name} data-phase={phase} className="card lazy-row p-3 sm:p-4">
      <div className="flex gap-3 sm:gap-4">
        <Thumbnail row={row} />
        <div className="min-w-0 grow">
          <div className="flex flex-wrap items-baseline gap-x-3">
            <h2 className="me-auto line-clamp-2 min-w-0 font-semibold">
              <bdi>{name}</bdi>
            </h2>
            <p className="text-sm text-soft tabular-nums">{facts.filter(Boolean).join(" · ")}</p>
          </div>
          {phase !== "uploaded" && <UploadState row={row} />}
          {phase === "uploaded" && jobIds.map((jobId) => <JobLine key={jobId} jobId={jobId} name={name} />)}
          {problem && (
            <p className="mt-1 text-sm font-medium text-bad" role="alert">
              {problem.text}
            </p>
          )}
        </div>
      </div>
      <RowActions row={row} />
    </li>
  );
}

function Thumbnail({ row: { poster, kind, phase, jobIds } }: { row: Row }) {
  const place = useRef<HTMLDivElement>(null);
  const isSeen = useSeen(place);
  const box =
    "relative grid size-12 shrink-0 place-items-center overflow-hidden rounded-lg bg-sunken sm:size-14";
  if (poster) {
    return (
      <div className={box}>
        <img src={poster} alt="" className="h-full w-full object-cover" />
      </div>
    );
  }
  return (
    <div ref={place} className={`${box} text-soft`} title={text.kinds[kind]}>
      <svg viewBox="0 0 24 24" aria-hidden="true" className="size-6 fill-none stroke-current stroke-2">
        {kind === "audio" ? (
          <path strokeLinecap="round" d="M4 14v-4m4 7V7m4 13V4m4 13V7m4 7v-4" />
        ) : (
          <path strokeLinejoin="round" d="M3 6h12v12H3zM15 11l6-4v10l-6-4z" />
        )}
      </svg>
      {isSeen &&
        kind === "video" &&
        phase === "uploaded" &&
        jobIds.map((jobId) => <ResultPicture key={jobId} jobId={jobId} />)}
    </div>
  );
}
