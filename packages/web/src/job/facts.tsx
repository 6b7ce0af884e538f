import type { Output } from "@t2m/contract/jobs";
import { clockText, sizeText } from "../lib/format.ts";
import { text } from "../text.ts";

/** Pairs of names and values; what is not known is left out. */
export function FactList({
  facts,
}: {
  facts: readonly (readonly [name: string, value: string | undefined])[];
}) {
  return (
    <dl className="grid grid-cols-[minmax(6rem,auto)_1fr] gap-x-5 gap-y-1 text-sm">
      {facts.map(
        ([name, value]) =>
          value && (
            <div key={name} className="contents">
              <dt className="text-soft">{name}</dt>
              <dd className="min-w-0 tabular-nums">{value}</dd>
            </div>
          ),
      )}
    </dl>
  );
}

/** What ffprobe and the storage say about a result. */
export function Facts({ output }: { output: Output }) {
  const { fileName, contentType, sizeBytes, durationSeconds, widthPixels, heightPixels } = output;
  return (
    <div className="card p-4">
      <FactList
        facts={[
          [text.job.name, fileName],
          [text.job.size, sizeText(sizeBytes)],
          [text.job.type, contentType],
          [text.job.duration, durationSeconds === undefined ? undefined : clockText(durationSeconds)],
          [text.job.picture, widthPixels && heightPixels ? `${widthPixels} × ${heightPixels}` : undefined],
          [text.job.videoCodec, output.videoCodec],
          [text.job.audioCodec, output.audioCodec],
          [text.job.checksum, output.checksumCrc32],
        ]}
      />
    </div>
  );
}
