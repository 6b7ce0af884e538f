import { stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { MediaFacts } from "../ffmpeg/probe.ts";
import { outputTooLarge, truncated } from "./diagnose.ts";
import { ConversionError } from "./failure.ts";
import { describe, ownMedia, probeOwn } from "./output/own.ts";
import { type ConversionOutput, store, uploadOf } from "./output/store.ts";
import { Passes } from "./passes.ts";
import { posterPlan, waveformSampleRateHz } from "./plan/picture.ts";
import type { Plan } from "./plan/plan.ts";
import { Peaks, peaksJson } from "./waveform/peaks.ts";
import { waveformPng } from "./waveform/png.ts";
import type { Media, Work } from "./work.ts";

/** Makes, checks and stores the outputs of a plan, the main one first. */
export function produce(work: Work): Promise<ConversionOutput[]> {
  return work.plan.waveform ? produceWaveform(work, work.plan.waveform) : produceFile(work);
}

async function produceFile(work: Work): Promise<ConversionOutput[]> {
  const { plan } = work;
  const passes = new Passes(work);
  const last = plan.passes.at(-1);
  if (!last) throw new Error("a plan without a pass");
  for (const pass of plan.passes.slice(0, -1))
    await passes.run(pass, pass.to === "palette" ? "palette" : "-");

  const output = describe("main", plan.format);
  const media = ownMedia(output, plan.format);
  await using upload = await uploadOf(work, output);
  await passes.run(last, output.name);
  const [object, { facts, poster }] = await Promise.all([
    upload.finish({ moveIndex: plan.indexInFront }),
    inspect(work, media),
  ]);
  await upload.complete();
  return [{ ...output, ...object, ...shown(facts) }, ...poster];
}

/** While the last parts are on their way: is it all there, and what does it look like? */
async function inspect(work: Work, media: Media): Promise<{ facts: MediaFacts; poster: ConversionOutput[] }> {
  const { size } = await stat(join(work.directory, media.address));
  if (size >= work.limits.maximumOutputBytes) throw outputTooLarge();
  if (size === 0)
    throw new ConversionError("media.too_short", "There is nothing to convert in what you asked for.");
  const facts = await probeOwn(work, media);
  checkLength(work, facts.durationSeconds);
  return { facts, poster: work.plan.poster ? await makePoster(work, media, facts) : [] };
}

/** ffmpeg reads some broken files to their early end and calls it success, so the result is measured. */
function checkLength({ plan, limits }: Work, seconds: number | undefined): void {
  if (seconds === undefined) return;
  if (seconds > limits.maximumDurationSeconds + 0.5) {
    throw new ConversionError("media.too_long", "The file plays for longer than can be converted this way.");
  }
  const expected = plan.expectedSeconds;
  if (expected === undefined || !plan.durationIsCertain) return;
  if (seconds < expected - Math.max(0.5, expected * 0.02)) throw truncated();
}

/** A frame of the finished video; where its usual moment has none, the first one. */
async function makePoster(work: Work, media: Media, facts: MediaFacts): Promise<ConversionOutput[]> {
  const output = describe("poster", "jpg");
  for (const atSeconds of [undefined, 0]) {
    const plan = posterPlan(facts, {
      widthPixels: 640,
      quality: "medium",
      ...(atSeconds === 0 && { atSeconds }),
    });
    const [pass] = plan.passes;
    if (!pass) return [];
    await new Passes({ ...work, media, plan, onProgress: () => undefined }).run(pass, output.name);
    const { size } = await stat(join(work.directory, output.name));
    if (size === 0) continue;
    const { widthPixels, heightPixels } = shown(await probeOwn(work, ownMedia(output, "jpg")));
    return [
      { ...(await store(work, output)), ...(widthPixels && heightPixels && { widthPixels, heightPixels }) },
    ];
  }
  return [];
}

async function produceWaveform(
  work: Work,
  wanted: NonNullable<Plan["waveform"]>,
): Promise<ConversionOutput[]> {
  const [pass] = work.plan.passes;
  if (!pass) throw new Error("a plan without a pass");
  const peaks = new Peaks(Math.max(wanted.peaks, wanted.widthPixels));
  await new Passes(work).run(pass, "pipe:1", (chunk) => peaks.add(chunk));
  const durationSeconds = peaks.sampleCount / waveformSampleRateHz;
  checkLength(work, durationSeconds);
  const picture = describe("waveform", "png");
  const json = describe("peaks", "json");
  await writeFile(
    join(work.directory, picture.name),
    waveformPng(peaks.spread(wanted.widthPixels), wanted.heightPixels),
  );
  await writeFile(join(work.directory, json.name), peaksJson(peaks.spread(wanted.peaks), durationSeconds));
  const { widthPixels, heightPixels } = wanted;
  return [{ ...(await store(work, picture)), widthPixels, heightPixels }, await store(work, json)];
}

function shown(facts: MediaFacts): Partial<ConversionOutput> {
  const [video] = facts.video;
  const [audio] = facts.audio;
  return {
    ...(facts.durationSeconds !== undefined && { durationSeconds: facts.durationSeconds }),
    ...(audio && { audioCodec: audio.codec }),
    ...(video && {
      videoCodec: video.codec,
      widthPixels: video.widthPixels,
      heightPixels: video.heightPixels,
    }),
  };
}
