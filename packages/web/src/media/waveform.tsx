import { type RefObject, useEffect, useRef, useState } from "react";
import WaveSurfer from "wavesurfer.js";
import RegionsPlugin, { type Region } from "wavesurfer.js/dist/plugins/regions.esm.js";
import { text } from "../text.ts";
import { type Sound, soundOf } from "./sound.ts";
import { giveStyles } from "./waveform-styles.ts";

export type Trim = { start: number; end?: number };

type Props = {
  label: string;
  /** A file of this machine, or an address that this page may read. */
  source: Blob | string;
  /** The element that plays it; without one it is only drawn. */
  media?: RefObject<HTMLMediaElement | null>;
  /** Dragging chooses a part; without it there is nothing to choose. */
  trim?: Trim;
  onTrim?: (trim: Trim) => void;
};

const heightPixels = 80;

/** The shape of a sound. Where it cannot be read there is none: whatever plays or trims it works without. */
export default function Waveform({ label, source, media, trim, onTrim }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const drawn = useRef<Drawn>(undefined);
  const told = useRef(onTrim);
  told.current = onTrim;
  const shown = useRef(trim);
  shown.current = trim;
  const [state, setState] = useState<"reading" | "drawn" | "unreadable">("reading");
  const canTrim = onTrim !== undefined;

  useEffect(() => {
    const stop = new AbortController();
    soundOf(source, stop.signal).then(
      (sound) => {
        if (stop.signal.aborted || !box.current) return;
        drawn.current = draw(box.current, sound, media?.current ?? undefined, canTrim, (chosen) =>
          told.current?.(chosen),
        );
        drawn.current.show(shown.current);
        setState("drawn");
      },
      () => !stop.signal.aborted && setState("unreadable"),
    );
    return () => {
      stop.abort();
      drawn.current?.surfer.destroy();
      drawn.current = undefined;
    };
  }, [source, media, canTrim]);

  useEffect(() => drawn.current?.show(trim), [trim]);
  if (state === "unreadable") {
    return canTrim && <p className="text-sm text-soft">{text.options.notDrawn}</p>;
  }
  return (
    <>
      {canTrim && (
        <p className="text-sm text-soft">
          {state === "reading" ? text.options.drawing : text.options.trimHint}
        </p>
      )}
      <div
        ref={box}
        role="img"
        aria-label={label}
        aria-busy={state === "reading"}
        dir="ltr"
        className={`h-20 rounded-lg ${state === "reading" ? "animate-pulse bg-sunken" : "bg-card"}`}
      />
    </>
  );
}

type Drawn = { surfer: WaveSurfer; show: (trim: Trim | undefined) => void };

function draw(
  container: HTMLElement,
  { peaks, durationSeconds }: Sound,
  media: HTMLMediaElement | undefined,
  canTrim: boolean,
  tell: (trim: Trim) => void,
): Drawn {
  const color = (name: string) => getComputedStyle(container).getPropertyValue(name);
  const probe = (name: string) => {
    container.style.color = color(name);
    const made = getComputedStyle(container).color;
    container.style.color = "";
    return made;
  };
  const surfer = WaveSurfer.create({
    container,
    height: heightPixels,
    waveColor: probe("--color-edge"),
    progressColor: probe("--color-accent"),
    cursorColor: probe("--color-ink"),
    barWidth: 2,
    barGap: 1,
    barRadius: 2,
    normalize: true,
    interact: media !== undefined,
    peaks: [peaks],
    duration: durationSeconds,
    ...(media && { media }),
  });
  giveStyles(surfer.getWrapper(), heightPixels);
  if (!canTrim) return { surfer, show: () => undefined };
  return { surfer, show: trimming(surfer, probe("--color-tint"), tell) };
}

/** One region at most: what is kept. Gives the function that shows a choice made elsewhere. */
function trimming(surfer: WaveSurfer, color: string, tell: (trim: Trim) => void): Drawn["show"] {
  const regions = surfer.registerPlugin(RegionsPlugin.create());
  const tint = `color-mix(in srgb, ${color} 60%, transparent)`;
  let kept: Region | undefined;
  let wanted: Trim | undefined;
  let isOwn = false;
  const place = () => {
    const duration = surfer.getDuration();
    if (duration === 0) return;
    const isWhole = !wanted || (wanted.start === 0 && wanted.end === undefined);
    if (isWhole) {
      kept?.remove();
      kept = undefined;
      return;
    }
    const ends = { start: wanted?.start ?? 0, end: wanted?.end ?? duration };
    if (!kept) {
      isOwn = true;
      kept = regions.addRegion({ ...ends, color: tint });
      isOwn = false;
    } else if (kept.start !== ends.start || kept.end !== ends.end) kept.setOptions(ends);
  };
  const takeOver = (region: Region) => {
    if (kept && kept !== region) kept.remove();
    kept = region;
    tell({ start: tenths(region.start), end: tenths(region.end) });
  };
  regions.enableDragSelection({ color: tint });
  regions.on("region-created", (region) => {
    if (!isOwn) takeOver(region);
  });
  regions.on("region-updated", takeOver);
  surfer.on("ready", place);
  return (trim) => {
    wanted = trim;
    place();
  };
}

const tenths = (seconds: number) => Math.round(seconds * 10) / 10;
