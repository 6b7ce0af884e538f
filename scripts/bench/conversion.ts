import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  bundleConverter,
  type Converter,
  type Storage,
  startConverter,
  startStorage,
  store,
} from "./converter.ts";
import { bareFfmpeg, makeMp4, makeWav, request } from "./media.ts";
import { compare } from "./quiet.ts";
import type { Finding, Section } from "./report.ts";

type Place = "beside" | "link";
const places: Record<Place, string> = { beside: "S3 beside it", link: "link of 80 MB/s and 15 ms" };

type Case = {
  what: string;
  file: "sound" | "film";
  preset: string;
  rounds: number;
  goals: Partial<Record<Place, number>>;
};

const cases: Case[] = [
  { what: "10 min WAV → MP3", file: "sound", preset: "mp3", rounds: 7, goals: { beside: 1.02, link: 1.05 } },
  { what: "10 min WAV → FLAC", file: "sound", preset: "flac", rounds: 9, goals: { link: 1.8 } },
  { what: "1 min 720p MP4 → MP4", file: "film", preset: "mp4", rounds: 5, goals: { beside: 1.05 } },
  { what: "1 min 720p MP4 → WebM", file: "film", preset: "webm", rounds: 3, goals: { beside: 1.05 } },
];

/** A warm converter between S3 and S3 against bare ffmpeg from file to file, with the same arguments. */
export async function measure(): Promise<Section> {
  const directory = await mkdtemp(join(tmpdir(), "t2m-conversion-"));
  const storage = await startStorage(join(directory, "s3"));
  const bundle = await bundleConverter(directory);
  const converters = {
    beside: startConverter(bundle, storage.local),
    link: startConverter(bundle, storage.link),
  };
  try {
    const files = { sound: await makeWav(directory, 600), film: await makeMp4(directory, 60) };
    const findings: Finding[] = [];
    for (const one of cases) {
      findings.push(...(await measureCase(one, { path: files[one.file], directory, storage, converters })));
    }
    return {
      title: "Conversion ÷ bare ffmpeg",
      about:
        "Wall time of a warm converter that reads its input from S3 and writes its output there, against ffmpeg alone from a local file to a local file. The link limits each connection, as S3 does.",
      findings,
    };
  } finally {
    converters.beside.stop();
    converters.link.stop();
    storage.stop();
    await rm(directory, { recursive: true });
  }
}

type Bench = { path: string; directory: string; storage: Storage; converters: Record<Place, Converter> };

async function measureCase(one: Case, { path, directory, storage, converters }: Bench): Promise<Finding[]> {
  const conversion = request({ preset: one.preset });
  const order = { ...(await store(storage, path)), conversion };
  const bare = await bareFfmpeg(path, conversion, directory);
  const measured = Object.keys(one.goals) as Place[];
  const ours = measured.map(
    (place) => [place, async () => void (await converters[place].convert(order))] as const,
  );
  // Sound is quick: a round before the first one warms the page cache and the converters for all that follows.
  if (one.file === "sound") for (const run of [bare, ...ours.map(([, convert]) => convert)]) await run();
  const variants: Record<string, () => Promise<void>> = { bare, ...Object.fromEntries(ours) };
  const times = await compare(one.rounds, variants);
  const alone = times.bare;
  return measured.map((place) => {
    const { medianMs = Number.NaN, kept = 0 } = times[place] ?? {};
    const bareMs = alone?.medianMs ?? Number.NaN;
    return {
      what: `${one.what}, ${places[place]}`,
      value: medianMs / bareMs,
      unit: "×",
      goal: { atMost: one.goals[place] ?? Number.NaN },
      note: `${(medianMs / 1000).toFixed(2)} s against ${(bareMs / 1000).toFixed(2)} s, ${Math.min(kept, alone?.kept ?? 0)} quiet runs`,
    };
  });
}
