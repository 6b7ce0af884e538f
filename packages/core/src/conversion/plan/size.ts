import type { VideoStream } from "../../ffmpeg/probe.ts";

export type Box = { widthPixels: number; heightPixels: number };

/** The largest size with the picture's aspect that fits into the box; never larger than the picture; even. */
export function fit(picture: Box, box: Box): Box {
  const factor = Math.min(1, box.widthPixels / picture.widthPixels, box.heightPixels / picture.heightPixels);
  const side = (pixels: number, bound: number) =>
    Math.max(2, Math.min(2 * Math.round((pixels * factor) / 2), 2 * Math.floor(Math.min(pixels, bound) / 2)));
  return {
    widthPixels: side(picture.widthPixels, box.widthPixels),
    heightPixels: side(picture.heightPixels, box.heightPixels),
  };
}

/** ffmpeg turns the picture upright before any filter. */
export function scaleArgs(stream: VideoStream, to: Box): string[] {
  const same = stream.widthPixels === to.widthPixels && stream.heightPixels === to.heightPixels;
  return same && stream.squarePixels ? [] : [`scale=${to.widthPixels}:${to.heightPixels}`, "setsar=1"];
}

/** The picture in the middle of a frame, with bars around it. */
export function padArgs(picture: Box, frame: Box): string[] {
  const { widthPixels, heightPixels } = frame;
  return [
    `scale=${picture.widthPixels}:${picture.heightPixels}`,
    `pad=${widthPixels}:${heightPixels}:(ow-iw)/2:(oh-ih)/2`,
    "setsar=1",
  ];
}

/** The picture over the whole frame; what stands out is cut off. This alone may enlarge it. */
export function coverArgs({ widthPixels, heightPixels }: Box): string[] {
  // Displayed size, so that pixels that are not square are stretched first.
  return [
    "scale=iw*sar:ih",
    `scale=${widthPixels}:${heightPixels}:force_original_aspect_ratio=increase`,
    `crop=${widthPixels}:${heightPixels}`,
    "setsar=1",
  ];
}
