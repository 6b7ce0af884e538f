import type { Output } from "@t2m/contract/jobs";
import { lazy, type RefObject, Suspense, useEffect, useRef, useState } from "react";
import { isNotFound, problemText } from "../lib/problem.ts";
import { client } from "../session/client.ts";
import { text } from "../text.ts";

const Waveform = lazy(() => import("./waveform.tsx"));

// Decoding holds the whole sound in memory, at four bytes a sample.
const mostBytesDrawn = 32 * 1024 * 1024;

type Signed = { round: number; url: string; posterUrl?: string };

/** Plays or shows a result. Its URL lives for two hours: when it has died, a new one takes up where it was. */
export default function Player({
  jobId,
  output,
  poster,
}: {
  jobId: string;
  output: Output;
  poster: Output | undefined;
}) {
  const { signed, problem, signAgain } = useSigned(jobId, output, poster);
  const place = useRef(0);
  const { fileName } = output;
  if (problem) {
    return (
      <p role="alert" className="mt-2 text-sm font-medium text-bad">
        {problem}
      </p>
    );
  }
  return (
    <section aria-label={text.player.label(fileName)} className="mt-2 min-h-14">
      {/* A new element for each round: what is signed twice within a second is the same address. */}
      {signed && (
        <Media key={signed.round} output={output} signed={signed} place={place} onBroken={signAgain} />
      )}
    </section>
  );
}

function useSigned(jobId: string, output: Output, poster: Output | undefined) {
  const [signed, setSigned] = useState<Signed>();
  const [problem, setProblem] = useState<string>();
  const [round, setRound] = useState(0);
  useEffect(() => {
    const stop = new AbortController();
    const sign = async (name: string) => {
      const call = { params: { jobId, name }, query: { for: "play" as const }, signal: stop.signal };
      return (await client.signOutput(call)).url;
    };
    // The first time, and again in each round that a broken player asks for.
    Promise.all([sign(output.name), poster && sign(poster.name)]).then(
      ([url, posterUrl]) => setSigned({ round, url, ...(posterUrl && { posterUrl }) }),
      (error: unknown) => {
        if (!stop.signal.aborted) setProblem(isNotFound(error) ? text.player.expired : problemText(error));
      },
    );
    return () => stop.abort();
  }, [jobId, output.name, poster, round]);
  const signAgain = () => {
    if (round > 0) setProblem(text.player.failed);
    else setRound(round + 1);
  };
  return { signed, problem, signAgain };
}

function Media({
  output,
  signed,
  place,
  onBroken,
}: {
  output: Output;
  signed: Signed;
  /** In seconds. */
  place: RefObject<number>;
  onBroken: () => void;
}) {
  const media = useRef<HTMLAudioElement & HTMLVideoElement>(null);
  const { contentType, fileName, sizeBytes } = output;
  const common = {
    ref: media,
    src: signed.url,
    controls: true,
    preload: "metadata",
    onError: onBroken,
    onTimeUpdate: () => {
      place.current = media.current?.currentTime ?? place.current;
    },
    onLoadedMetadata: () => {
      if (media.current && place.current > 0) media.current.currentTime = place.current;
    },
  } as const;
  if (contentType.startsWith("image/")) {
    return <img src={signed.url} alt={fileName} className="max-h-96 rounded-lg" onError={onBroken} />;
  }
  if (contentType.startsWith("video/")) {
    return (
      <video
        {...common}
        poster={signed.posterUrl}
        playsInline
        aria-label={fileName}
        className="max-h-[70vh] w-full rounded-lg bg-shade"
      />
    );
  }
  return (
    <div className="grid gap-2">
      {sizeBytes <= mostBytesDrawn && (
        <Suspense fallback={<div className="h-20" />}>
          <Waveform label={text.options.waveform(fileName)} source={signed.url} media={media} />
        </Suspense>
      )}
      <audio {...common} aria-label={fileName} className="w-full" />
    </div>
  );
}
