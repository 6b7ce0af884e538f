import { ApiError } from "../errors.ts";

/** Media whose types do not begin with audio/ or video/. */
const mediaTypes = new Set([
  "image/gif",
  "application/mp4",
  "application/mxf",
  "application/ogg",
  "application/vnd.ms-asf",
  "application/vnd.rn-realmedia",
  "application/x-flac",
  "application/x-matroska",
  "application/x-ogg",
]);

/** Types that say nothing: the name may, and else the bytes decide when they are here. */
const silentTypes = new Set(["", "application/octet-stream", "binary/octet-stream", "application/unknown"]);

const playlistTypes = /mpegurl|scpls|dash|xspf|smil|wpl|ms-asx/;
const playlistNames = /\.(m3u8?|pls|mpd|xspf|asx|wpl|smil)$/i;
const otherNames =
  /\.(txt|md|csv|json|xml|html?|css|m?js|pdf|docx?|xlsx?|pptx?|zip|rar|7z|gz|bz2|xz|tar|exe|dll|msi|dmg|iso|apk|jar|png|jpe?g|webp|svg|bmp|tiff?|heic|psd|ttf|woff2?|sh|py|php|srt|vtt|torrent)$/i;

/**
 * Refuses what says of itself that it is no audio or video, before a byte is sent. What lies about itself is found
 * out by its bytes, when it is converted. Throws `ApiError` "upload.type_unsupported".
 */
export function refuseOtherTypes({ name, type }: { name: string; type: string }): void {
  const bare = bareType(type);
  if (playlistTypes.test(bare) || playlistNames.test(name)) {
    throw unsupported("A playlist only points at media; upload the audio or video itself.");
  }
  if (silentTypes.has(bare)) {
    if (otherNames.test(name)) throw unsupported(`A file named ${name} is neither audio nor video.`);
    return;
  }
  if (/^(audio|video)\/[\w.+-]+$/.test(bare) || mediaTypes.has(bare)) return;
  throw unsupported(`Files of type ${bare} are neither audio nor video.`);
}

/** The type as the object shall have it: without parameters, and never one that a browser would run. */
export function storedType(type: string): string {
  const bare = bareType(type);
  return silentTypes.has(bare) ? "application/octet-stream" : bare;
}

function bareType(type: string): string {
  return (type.split(";")[0] ?? "").trim().toLowerCase();
}

function unsupported(reason: string): ApiError {
  return new ApiError("upload.type_unsupported", reason, { problems: [{ path: "type", message: reason }] });
}

/** Throws `ApiError` "upload.too_large". */
export function refuseOversize(sizeBytes: number, maximumBytes: number): void {
  if (sizeBytes <= maximumBytes) return;
  const reason = `The file has ${sizeBytes} bytes; this service takes up to ${maximumBytes}.`;
  throw new ApiError("upload.too_large", reason, { problems: [{ path: "sizeBytes", message: reason }] });
}
