/** What is drawn of a sound: its loudest moments, evenly spread. */
export type Sound = { peaks: Float32Array; durationSeconds: number };

// Enough for a picture, at a fraction of the memory that the full rate takes.
const sampleRateHz = 8_000;
const mostPeaks = 2_000;

/** Reads a file of this machine, or one at an address. Throws where the browser cannot. */
export async function soundOf(source: Blob | string, signal: AbortSignal): Promise<Sound> {
  const decoder = new OfflineAudioContext(1, 1, sampleRateHz);
  const decoded = await decoder.decodeAudioData(await bytesOf(source, signal));
  return { peaks: peaksOf(decoded.getChannelData(0)), durationSeconds: decoded.duration };
}

async function bytesOf(source: Blob | string, signal: AbortSignal): Promise<ArrayBuffer> {
  if (typeof source !== "string") return source.arrayBuffer();
  // The player has asked for the same address without CORS; that answer must not be taken for ours.
  const response = await fetch(source, { cache: "no-store", signal });
  if (!response.ok) throw new Error(`status ${response.status}`);
  return response.arrayBuffer();
}

function peaksOf(samples: Float32Array): Float32Array {
  const step = Math.max(1, Math.floor(samples.length / mostPeaks));
  const peaks = new Float32Array(Math.ceil(samples.length / step));
  for (let index = 0; index < samples.length; index++) {
    const place = Math.floor(index / step);
    const height = Math.abs(samples[index] ?? 0);
    if (height > (peaks[place] ?? 0)) peaks[place] = height;
  }
  return peaks;
}
