/** What a file's own first bytes say it is. `demuxers` is the only set that ffmpeg may read it with. */
export type Sniffed = { container: Container; demuxers: string } | { refused: Refusal };

export type Refusal =
  | "empty"
  | "archive"
  | "playlist"
  | "text"
  | "image"
  | "document"
  | "program"
  | "unknown";

const demuxers = {
  wav: "wav",
  w64: "w64",
  avi: "avi",
  aiff: "aiff",
  flac: "flac",
  // A chained or skeleton stream is still Ogg.
  ogg: "ogg",
  mp4: "mov,mp4,m4a,3gp,3g2,mj2",
  matroska: "matroska,webm",
  mpegts: "mpegts",
  mpegps: "mpeg",
  asf: "asf",
  flv: "flv",
  mp3: "mp3",
  aac: "aac",
  ac3: "ac3,eac3",
  // An ID3 tag longer than the bytes at hand: all three may stand behind it.
  id3: "mp3,aac,flac",
  amr: "amr",
  caf: "caf",
  au: "au",
  gif: "gif",
  wavpack: "wv",
  ape: "ape",
  tta: "tta",
  dts: "dts",
} as const;
export type Container = keyof typeof demuxers;

type Magic = readonly [offset: number, bytes: string];

/** Latin-1 bytes at fixed places; the first row that matches wins. */
const containers: readonly (readonly [Container, ...Magic[]])[] = [
  ["wav", [0, "RIFF"], [8, "WAVE"]],
  ["wav", [0, "RF64"], [8, "WAVE"]],
  ["avi", [0, "RIFF"], [8, "AVI "]],
  ["w64", [0, "riff\x2e\x91\xcf\x11\xa5\xd6\x28\xdb\x04\xc1\x00\x00"]],
  ["aiff", [0, "FORM"], [8, "AIFF"]],
  ["aiff", [0, "FORM"], [8, "AIFC"]],
  ["flac", [0, "fLaC"]],
  ["ogg", [0, "OggS"]],
  ["mp4", [4, "ftyp"]],
  ["mp4", [4, "moov"]],
  ["mp4", [4, "mdat"]],
  ["mp4", [4, "wide"]],
  ["mp4", [4, "free"]],
  ["mp4", [4, "skip"]],
  ["mp4", [4, "pnot"]],
  ["matroska", [0, "\x1a\x45\xdf\xa3"]],
  ["mpegps", [0, "\x00\x00\x01\xba"]],
  ["asf", [0, "\x30\x26\xb2\x75\x8e\x66\xcf\x11\xa6\xd9\x00\xaa\x00\x62\xce\x6c"]],
  ["flv", [0, "FLV\x01"]],
  ["amr", [0, "#!AMR"]],
  ["caf", [0, "caff\x00\x01"]],
  ["au", [0, ".snd"]],
  ["gif", [0, "GIF87a"]],
  ["gif", [0, "GIF89a"]],
  ["wavpack", [0, "wvpk"]],
  ["ape", [0, "MAC "]],
  ["tta", [0, "TTA1"]],
  ["dts", [0, "\x7f\xfe\x80\x01"]],
  ["ac3", [0, "\x0b\x77"]],
];

const others: readonly (readonly [Refusal, ...Magic[]])[] = [
  ["archive", [0, "PK\x03\x04"]],
  ["archive", [0, "PK\x05\x06"]],
  ["archive", [0, "\x1f\x8b"]],
  ["archive", [0, "7z\xbc\xaf\x27\x1c"]],
  ["archive", [0, "Rar!"]],
  ["archive", [257, "ustar"]],
  ["playlist", [0, "#EXTM3U"]],
  ["playlist", [0, "ffconcat"]],
  ["playlist", [0, "[playlist]"]],
  ["playlist", [0, "v=0\r\n"]],
  ["playlist", [0, "v=0\n"]],
  ["image", [0, "\xff\xd8\xff"]],
  ["image", [0, "\x89PNG"]],
  ["image", [0, "RIFF"], [8, "WEBP"]],
  ["document", [0, "%PDF"]],
  ["program", [0, "\x7fELF"]],
  ["program", [0, "MZ"]],
];

/**
 * Names the container by the file's first bytes (64 KiB are plenty), never by its name or declared type.
 * Whatever is not known audio or video is refused: playlists and other text must not reach ffmpeg at all.
 */
export function sniff(head: Uint8Array): Sniffed {
  if (head.length === 0) return { refused: "empty" };
  const text = Buffer.from(head.buffer, head.byteOffset, head.length).toString("latin1");
  const matches = (magics: readonly Magic[]) => magics.every(([at, bytes]) => text.startsWith(bytes, at));

  const known = containers.find(([, ...magics]) => matches(magics));
  if (known) return accepted(known[0]);
  const refused = others.find(([, ...magics]) => matches(magics));
  if (refused) return { refused: refused[0] };
  if (text.startsWith("ID3")) return behindId3(head);
  if (isTransportStream(head)) return accepted("mpegts");
  const frames = frameKind(head);
  if (frames) return accepted(frames);
  return { refused: looksLikeText(head) ? "text" : "unknown" };
}

const accepted = (container: Container) => ({ container, demuxers: demuxers[container] });

/** The size of an ID3v2 tag with its header, in bytes. */
export function id3Bytes(head: Uint8Array): number {
  const [a = 0, b = 0, c = 0, d = 0] = head.subarray(6, 10);
  return 10 + ((a & 127) << 21) + ((b & 127) << 14) + ((c & 127) << 7) + (d & 127);
}

function behindId3(head: Uint8Array): Sniffed {
  // Players pad with zeros between the tag and the sound.
  let start = id3Bytes(head);
  while (head[start] === 0) start++;
  if (start + 4 > head.length) return accepted("id3");
  const behind = sniff(head.subarray(start));
  const sound = "container" in behind && ["mp3", "aac", "flac"].includes(behind.container);
  return sound ? behind : { refused: "unknown" };
}

function isTransportStream(head: Uint8Array): boolean {
  // 188 bytes a packet; 192 with a time stamp before each (Blu-ray); 204 with check bytes behind.
  return (
    [
      [188, 0],
      [192, 4],
      [204, 0],
    ] as const
  ).some(
    ([packet, first]) =>
      head.length >= first + packet * 3 && [0, 1, 2].every((n) => head[first + n * packet] === 0x47),
  );
}

/** MPEG audio by its 11 sync bits and sane fields; ADTS AAC has layer 0 where MPEG audio has 1 to 3. */
function frameKind(head: Uint8Array): "mp3" | "aac" | undefined {
  const [first = 0, second = 0, third = 0] = head;
  if (first !== 0xff) return undefined;
  if ((second & 0xf6) === 0xf0 && ((third >> 2) & 15) < 13) return "aac";
  const version = (second >> 3) & 3;
  const layer = (second >> 1) & 3;
  const synced = (second & 0xe0) === 0xe0 && version !== 1 && layer !== 0;
  return synced && third >> 4 !== 15 && ((third >> 2) & 3) !== 3 ? "mp3" : undefined;
}

function looksLikeText(head: Uint8Array): boolean {
  return head.subarray(0, 512).every((byte) => byte >= 32 || byte === 9 || byte === 10 || byte === 13);
}
