import type { Kind } from "../rows/row.ts";

export type LocalFacts = { durationSeconds?: number; poster?: string };

const withinMs = 4_000;
const posterWidthPixels = 160;
let last: Promise<unknown> = Promise.resolve();

/** Length and, of a video, a frame: as far as this browser can read the file. One file at a time. */
export function learn(file: File, kind: Kind): Promise<LocalFacts> {
  const facts = last.then(() => read(file, kind)).catch(() => ({}));
  last = facts;
  return facts;
}

async function read(file: File, kind: Kind): Promise<LocalFacts> {
  const media = document.createElement(kind);
  const url = URL.createObjectURL(file);
  try {
    media.preload = "metadata";
    media.muted = true;
    media.src = url;
    await happened(media, "loadedmetadata");
    const { duration } = media;
    const facts = Number.isFinite(duration) && duration > 0 ? { durationSeconds: duration } : {};
    if (!(media instanceof HTMLVideoElement) || media.videoWidth === 0) return facts;
    media.currentTime = Math.min(1, duration / 4 || 0);
    await happened(media, "seeked");
    return { ...facts, ...(await posterOf(media)) };
  } finally {
    media.removeAttribute("src");
    media.load();
    URL.revokeObjectURL(url);
  }
}

async function posterOf(video: HTMLVideoElement): Promise<LocalFacts> {
  const canvas = document.createElement("canvas");
  canvas.width = posterWidthPixels;
  canvas.height = Math.round((posterWidthPixels * video.videoHeight) / video.videoWidth);
  canvas.getContext("2d")?.drawImage(video, 0, 0, canvas.width, canvas.height);
  const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, "image/jpeg", 0.8));
  return blob ? { poster: URL.createObjectURL(blob) } : {};
}

function happened(media: HTMLMediaElement, event: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error("too slow")), withinMs);
    media.addEventListener(event, () => resolve(clearTimeout(timer)), { once: true });
    media.addEventListener("error", () => reject(media.error ?? new Error("unreadable")), { once: true });
  });
}
