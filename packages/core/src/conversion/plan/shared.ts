import type { MediaFacts } from "../../ffmpeg/probe.ts";

type Trim = { trimStartSeconds?: number | undefined; trimEndSeconds?: number | undefined };

/** The arguments that cut, and how long the result plays. */
export function cut(sourceSeconds: number | undefined, { trimStartSeconds = 0, trimEndSeconds }: Trim) {
  const end = Math.min(trimEndSeconds ?? Number.POSITIVE_INFINITY, sourceSeconds ?? Number.POSITIVE_INFINITY);
  return {
    inputArgs: trimStartSeconds > 0 ? ["-ss", String(trimStartSeconds)] : [],
    outputArgs: trimEndSeconds === undefined ? [] : ["-t", String(trimEndSeconds - trimStartSeconds)],
    expectedSeconds: Number.isFinite(end) ? end - trimStartSeconds : undefined,
  };
}

/** How long the tracks of a kind play. A track may run longer than the file says: an edit list cut it. */
export function secondsOf(facts: MediaFacts, kinds: readonly ("audio" | "video")[]): number | undefined {
  const whole = facts.durationSeconds;
  const tracks = kinds.map((kind) => facts[kind][0]).filter((stream) => stream !== undefined);
  const longest = Math.max(
    ...tracks.map(({ durationSeconds }) => durationSeconds ?? Number.POSITIVE_INFINITY),
  );
  if (!Number.isFinite(longest)) return whole;
  return whole === undefined ? longest : Math.min(whole, longest);
}

/** Whether `secondsOf` can be relied upon: it was not guessed, and is not that of another track. */
export function isCertain(facts: MediaFacts, kinds: readonly ("audio" | "video")[]): boolean {
  const all = facts.audio.length + facts.video.length;
  const chosen = kinds.map((kind) => facts[kind][0]).filter((stream) => stream !== undefined);
  const known = chosen.every(({ durationSeconds }) => durationSeconds !== undefined);
  return !facts.durationIsEstimate && (known || chosen.length === all);
}

const keptTags = ["title", "artist", "album", "album_artist", "composer", "genre", "date", "track", "disc"];

/**
 * Only what names a piece is carried over, wherever the source kept it. Everything else stays behind: a phone's
 * video tells where it was taken. The output is otherwise the same bytes each time it is made.
 */
export function tagArgs(facts: MediaFacts): string[] {
  const kept = keptTags.flatMap((key) => {
    const value = facts.tags[key]?.replaceAll("\0", "").slice(0, 1000);
    return value ? ["-metadata", `${key}=${value}`] : [];
  });
  return ["-map_metadata", "-1", "-map_chapters", "-1", ...kept];
}

/** The muxer of each format; `+bitexact` leaves out random ids and the name of the program. */
export function muxerArgs(muxer: string): string[] {
  return ["-fflags", "+bitexact", "-f", muxer];
}
