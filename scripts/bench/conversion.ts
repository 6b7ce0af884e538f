import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bundleConverter, startConverter, startStorage, store } from "./converter.ts";
import { bareFfmpeg, makeMp4, makeWav, request } from "./media.ts";
import { compare, type Measured } from "./quiet.ts";
import type { Finding, Section } from "./report.ts";

type Case = {
  what: string;
  file: string;
  conversion: ReturnType<typeof request>;
  rounds: number;
  /** Goals for bare S3 and for the shaped link. */
  local?: number;
  link?: number;
};

/** A warm converter between S3 and S3 against bare ffmpeg from file to file, with the same arguments. */
export async function measure(): Promise<Section> {
  const directory = await mkdtemp(join(tmpdir(), "t2m-conversion-"));
  const storage = await startStorage(join(directory, "s3"));
  const bundle = await bundleConverter(directory);
  const near = startConverter(bundle, storage.local);
  const far = startConverter(bundle, storage.link);
  try {
    const wav = await makeWav(directory, 600);
    const mp4 = await makeMp4(directory, 60);
    const cases: Case[] = [
      {
        what: "10 min WAV → MP3",
        file: wav,
        conversion: request({ preset: "mp3" }),
        rounds: 7,
        local: 1.02,
        link: 1.05,
      },
      { what: "10 min WAV → FLAC", file: wav, conversion: request({ preset: "flac" }), rounds: 9, link: 1.8 },
      {
        what: "1 min 720p MP4 → MP4",
        file: mp4,
        conversion: request({ preset: "mp4" }),
        rounds: 3,
        local: 1.05,
      },
      {
        what: "1 min 720p MP4 → WebM",
        file: mp4,
        conversion: request({ preset: "webm" }),
        rounds: 3,
        local: 1.05,
      },
    ];
    const findings: Finding[] = [];
    for (const { what, file, conversion, rounds, local, link } of cases) {
      const order = { ...(await store(storage, file)), conversion };
      const bare = await bareFfmpeg(file, conversion, directory);
      await bare(); // the file is in the page cache, the converters are warm
      await near.convert(order);
      await far.convert(order);
      const times = await compare(rounds, {
        bare,
        near: async () => void (await near.convert(order)),
        far: async () => void (await far.convert(order)),
      });
      const note = (ours: Measured) =>
        `${(ours.medianMs / 1000).toFixed(2)} s against ${(times.bare.medianMs / 1000).toFixed(2)} s, ${Math.min(ours.kept, times.bare.kept)} quiet runs`;
      findings.push(
        {
          what: `${what}, S3 beside it`,
          value: times.near.medianMs / times.bare.medianMs,
          unit: "×",
          ...(local && { goal: { atMost: local } }),
          note: note(times.near),
        },
        {
          what: `${what}, link of 80 MB/s and 15 ms`,
          value: times.far.medianMs / times.bare.medianMs,
          unit: "×",
          ...(link && { goal: { atMost: link } }),
          note: note(times.far),
        },
      );
    }
    return {
      title: "Conversion ÷ bare ffmpeg",
      about:
        "Wall time of a warm converter that reads its input from S3 and writes its output there, against ffmpeg alone from a local file to a local file. The link limits each connection, as S3 does.",
      findings,
    };
  } finally {
    near.stop();
    far.stop();
    storage.stop();
    await rm(directory, { recursive: true });
  }
}
