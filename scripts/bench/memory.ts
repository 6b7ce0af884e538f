import { readdirSync, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  bundleConverter,
  type ConversionOrder,
  type Converter,
  startConverter,
  startStorage,
  store,
} from "./converter.ts";
import { makeWav, request } from "./media.ts";
import { quantile } from "./quiet.ts";
import type { Section } from "./report.ts";

const sampleMs = 50;
const rounds = 3;
const secondsOf = { small: 567, large: 5670 }; // 100 MB and 1 GB of WAV

/** The largest process of a conversion, the converter or its ffmpeg, for 100 MB and for 1 GB of input. */
export async function measure(): Promise<Section> {
  const directory = await mkdtemp(join(tmpdir(), "t2m-memory-"));
  const storage = await startStorage(join(directory, "s3"));
  try {
    const bundle = await bundleConverter(directory);
    const peaks: Record<keyof typeof secondsOf, number[]> = { small: [], large: [] };
    for (const size of ["small", "large"] as const) {
      const path = await makeWav(directory, secondsOf[size]);
      const order = { ...(await store(storage, path)), conversion: request({ preset: "flac" }) };
      await rm(path);
      for (let round = 0; round < rounds; round++) {
        peaks[size].push(await peakOf(startConverter(bundle, storage.local), order));
      }
    }
    const [small, large] = [quantile(peaks.small, 0.5), quantile(peaks.large, 0.5)];
    return {
      title: "Memory of a conversion",
      about: `Peak resident memory of the largest process while a WAV becomes FLAC, the converter's Node included; medians of ${rounds} conversions, each by a new process.`,
      findings: [
        {
          what: "1 GB ÷ 100 MB of input",
          value: large / small,
          unit: "×",
          goal: { atMost: 1.2 },
        },
        { what: "1 GB of input", value: large, unit: "MB", goal: { atMost: 160 } },
        { what: "100 MB of input", value: small, unit: "MB" },
      ],
    };
  } finally {
    storage.stop();
    await rm(directory, { recursive: true });
  }
}

/** In MB. The process is used once, since a peak never falls. */
async function peakOf(converter: Converter, order: ConversionOrder): Promise<number> {
  let peak = 0;
  const sampling = setInterval(() => {
    peak = Math.max(peak, ...familyOf(converter.pid).map(peakMegabytes));
  }, sampleMs);
  await converter.convert(order);
  clearInterval(sampling);
  converter.stop();
  return peak;
}

function familyOf(root: number): number[] {
  const parents = new Map<number, number>();
  for (const entry of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
    const parent = /^PPid:\s+(\d+)/m.exec(statusOf(entry))?.[1];
    if (parent) parents.set(Number(entry), Number(parent));
  }
  const belongs = (pid: number): boolean => pid === root || (pid > 1 && belongs(parents.get(pid) ?? 0));
  return [...parents.keys()].filter(belongs);
}

function peakMegabytes(pid: number): number {
  return Number(/^VmHWM:\s+(\d+) kB/m.exec(statusOf(String(pid)))?.[1] ?? 0) / 1000;
}

function statusOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/status`, "utf8");
  } catch {
    return ""; // it ended while we looked
  }
}
