import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { inflateSync } from "node:zlib";
import { type ConversionRequestInput, presetIds, presets } from "@t2m/contract/presets";
import { beforeAll, describe, expect, it } from "vitest";
import { type MediaFacts, probe } from "../../src/ffmpeg/probe.ts";
import { sniff } from "../../src/ffmpeg/sniff.ts";
import {
  binaries,
  type Converted,
  clip,
  converted,
  failure,
  folder,
  picture,
  quickVideo,
  tone,
} from "./support.ts";

/** What ffprobe says of a stored object. */
async function factsOf({ store, outputs }: Converted, index = 0): Promise<MediaFacts> {
  const name = outputs[index]?.name ?? "";
  const bytes = store.objects.get(name)?.bytes ?? Buffer.alloc(0);
  const sniffed = sniff(bytes.subarray(0, 65536));
  writeFileSync(join(folder, name), bytes);
  return probe({
    ffprobe: binaries.ffprobe,
    input: `./${name}`,
    protocols: "file",
    demuxers: "demuxers" in sniffed ? sniffed.demuxers : "jpeg_pipe,image2,png_pipe",
    workDirectory: folder,
    signal: new AbortController().signal,
    limits: {},
  });
}

let film = "";
let song = "";
beforeAll(async () => {
  const tags = [
    "-metadata",
    "title=A Title; with 'quotes'",
    "-metadata",
    "artist=Someone",
    "-metadata",
    "comment=private",
  ];
  film = await clip("film.mp4", ...picture("640x360", 2, 10), ...tone(2), ...quickVideo, "-c:a", "aac");
  song = await clip("song.ogg", ...tone(3), "-ac", "2", "-c:a", "libvorbis", ...tags);
});

describe("every preset", () => {
  const audioCodecs = {
    mp3: "mp3",
    m4a: "aac",
    opus: "opus",
    ogg: "vorbis",
    flac: "flac",
    wav: "pcm_s16le",
    aiff: "pcm_s16be",
    alac: "alac",
    speech: "pcm_s16le",
    podcast: "mp3",
    "audio-extract": "aac",
    mp4: "aac",
    "mp4-h265": "aac",
    webm: "opus",
    "webm-av1": "opus",
    mkv: "aac",
    mov: "aac",
    social: "aac",
    remux: "aac",
  };
  const videoCodecs = {
    mp4: "h264",
    "mp4-h265": "hevc",
    webm: "vp9",
    "webm-av1": "av1",
    mkv: "h264",
    mov: "h264",
    social: "h264",
    remux: "h264",
    gif: "gif",
    poster: "mjpeg",
  };

  it.for(presetIds)("%s makes a playable file that is what it says", async (preset) => {
    const made = await converted(film, { preset });
    const facts = await factsOf(made);
    const [main] = made.outputs;
    expect(main?.contentType).toBe(presets[preset].contentType);
    expect(main?.name.endsWith(`.${presets[preset].extension}`)).toBe(true);
    if (preset in audioCodecs) expect(facts.audio[0]?.codec).toBe(Reflect.get(audioCodecs, preset));
    else expect(facts.audio).toEqual([]);
    if (preset in videoCodecs) expect(facts.video[0]?.codec).toBe(Reflect.get(videoCodecs, preset));
    if (preset !== "poster" && preset !== "waveform") {
      expect(facts.durationSeconds).toBeGreaterThan(1.9);
      expect(facts.durationSeconds).toBeLessThan(2.2);
      expect(main?.durationSeconds).toBeCloseTo(facts.durationSeconds ?? 0, 3);
    }
    expect(made.percents).toEqual(made.percents.toSorted((a, b) => a - b));
    expect(made.percents.every((percent) => percent > 0 && percent <= 99)).toBe(true);
    const withPoster = presets[preset].kind === "video";
    expect(made.outputs.map(({ role }) => role)).toEqual(
      preset === "waveform" ? ["waveform", "peaks"] : withPoster ? ["main", "poster"] : ["main"],
    );
  });

  it("[VD.5] every video comes with a JPEG thumbnail", async () => {
    const made = await converted(film, { preset: "mp4" });
    expect(made.outputs[1]).toMatchObject({
      role: "poster",
      contentType: "image/jpeg",
      widthPixels: 640,
      heightPixels: 360,
    });
    expect((await factsOf(made, 1)).video[0]).toMatchObject({ codec: "mjpeg", widthPixels: 640 });
  });
});

describe("sound", () => {
  it("keeps title and artist wherever the source had them, and nothing else", async () => {
    for (const preset of ["mp3", "m4a", "flac", "opus", "aiff", "wav"] as const) {
      const { tags } = await factsOf(await converted(song, { preset }));
      expect([preset, tags.title, tags.artist]).toEqual([preset, "A Title; with 'quotes'", "Someone"]);
      expect(JSON.stringify(tags)).not.toContain("private");
    }
  });

  it("follows bit rate, sample rate, channels and cuts", async () => {
    const options = {
      bitrateKbps: 64,
      sampleRateHz: 22050,
      channels: 1,
      trimStartSeconds: 1,
      trimEndSeconds: 2.5,
    } as const;
    const made = await converted(song, { preset: "mp3", options });
    const facts = await factsOf(made);
    expect(facts.audio[0]).toMatchObject({ sampleRateHz: 22050, channels: 1 });
    expect(facts.durationSeconds).toBeCloseTo(1.5, 0);
    const kilobits = ((made.outputs[0]?.sizeBytes ?? 0) * 8) / 1000;
    expect(kilobits / (facts.durationSeconds ?? 0)).toBeGreaterThan(55);
    expect(kilobits / (facts.durationSeconds ?? 0)).toBeLessThan(75);
  });

  it("speech is 16 kHz mono; surround becomes stereo for listening and stays whole in archives", async () => {
    expect((await factsOf(await converted(song, { preset: "speech" }))).audio[0]).toMatchObject({
      sampleRateHz: 16000,
      channels: 1,
    });
    const surround = await clip(
      "surround.wav",
      ...tone(1),
      "-filter_complex",
      "[0]pan=5.1|c0=c0|c1=c0|c2=c0|c3=c0|c4=c0|c5=c0",
    );
    for (const preset of ["mp3", "opus", "ogg", "m4a"] as const) {
      expect((await factsOf(await converted(surround, { preset }))).audio[0]?.channels).toBe(2);
    }
    expect((await factsOf(await converted(surround, { preset: "flac" }))).audio[0]?.channels).toBe(6);
  });

  it("takes a telephone's 8 kHz at any bit rate", async () => {
    const phone = await clip("phone.wav", ...tone(1, 8000), "-ac", "1");
    for (const request of [
      { preset: "mp3", options: { bitrateKbps: 320 } },
      { preset: "ogg" },
      { preset: "m4a" },
      { preset: "opus" },
    ] as const) {
      expect((await factsOf(await converted(phone, request))).durationSeconds).toBeCloseTo(1, 0);
    }
  });

  it("a podcast comes out at -16 LUFS, and silence stays silence", async () => {
    const quiet = await clip("quiet.wav", ...tone(6), "-af", "volume=-30dB");
    const made = await converted(quiet, { preset: "podcast" });
    expect((await factsOf(made)).audio[0]).toMatchObject({ codec: "mp3", sampleRateHz: 44100 });
    writeFileSync(join(folder, "podcast.mp3"), made.store.objects.get("output.mp3")?.bytes ?? "");
    const again = await converted(join(folder, "podcast.mp3"), { preset: "waveform" });
    const before = await converted(quiet, { preset: "waveform" });
    expect(loudest(again)).toBeGreaterThan(loudest(before) * 3);
    const silence = await clip("silence.wav", "-f", "lavfi", "-i", "anullsrc=d=1");
    expect((await converted(silence, { preset: "podcast" })).outputs).toHaveLength(1);
  });

  it("a waveform is a drawing and the peaks behind it", async () => {
    const fade = await clip("fade.wav", ...tone(4), "-af", "volume=4,afade=t=in:d=4");
    const { store } = await converted(fade, {
      preset: "waveform",
      options: { widthPixels: 400, heightPixels: 100, peaks: 200 },
    });
    const png = store.objects.get("waveform.png")?.bytes ?? Buffer.alloc(0);
    expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([400, 100]);
    const idat = png.indexOf("IDAT");
    const pixels = inflateSync(png.subarray(idat + 4, idat + 4 + png.readUInt32BE(idat - 4)));
    const filled = (column: number) =>
      Array.from({ length: 100 }, (_, row) => pixels[row * 401 + 1 + column] ?? 0).filter(Boolean).length;
    expect(filled(390)).toBeGreaterThan(filled(40) * 3);
    const peaks = JSON.parse(store.objects.get("peaks.json")?.bytes.toString() ?? "");
    expect(peaks).toMatchObject({ version: 1, length: 200 });
    expect(peaks.durationSeconds).toBeCloseTo(4, 1);
    expect(peaks.data).toHaveLength(400);
    expect(peaks.data[399]).toBeGreaterThan(peaks.data[21] * 3);
  });

  it("audio-extract copies what can stand alone and converts what cannot or should not", async () => {
    const made = await converted(film, { preset: "audio-extract", options: { format: "opus" } });
    expect([made.outputs[0]?.name, made.outputs[0]?.audioCodec]).toEqual(["output.opus", "opus"]);
    const mulaw = await clip("mulaw.mov", ...tone(1, 8000), "-c:a", "pcm_mulaw");
    expect((await converted(mulaw, { preset: "audio-extract" })).outputs[0]).toMatchObject({
      name: "output.m4a",
      audioCodec: "aac",
    });
    const vorbis = await converted(song, { preset: "audio-extract" });
    expect(vorbis.outputs[0]).toMatchObject({
      name: "output.ogg",
      audioCodec: "vorbis",
      contentType: "audio/ogg",
    });
  });
});

function loudest({ store }: Converted): number {
  const { data } = JSON.parse(store.objects.get("peaks.json")?.bytes.toString() ?? "");
  return Math.max(...data);
}

describe("picture", () => {
  const sizeOf = async (path: string, request: ConversionRequestInput) => {
    const [video] = (await factsOf(await converted(path, request))).video;
    return [video?.widthPixels, video?.heightPixels];
  };

  it("is never enlarged, keeps its aspect and has even sides", async () => {
    expect(await sizeOf(film, { preset: "mp4", options: { heightPixels: 2160 } })).toEqual([640, 360]);
    expect(await sizeOf(film, { preset: "mp4", options: { heightPixels: 240 } })).toEqual([426, 240]);
    expect(await sizeOf(film, { preset: "gif" })).toEqual([480, 270]);
    const odd = await clip("odd.mkv", ...picture("321x241", 0.4), "-c:v", "ffv1");
    expect(await sizeOf(odd, { preset: "mp4" })).toEqual([320, 240]);
    const large = await clip("large.mp4", ...picture("2560x1440", 0.2), ...quickVideo);
    expect(await sizeOf(large, { preset: "mp4" })).toEqual([1920, 1080]);
  });

  it("stands upright as the camera meant it", async () => {
    const flat = await clip("flat.mp4", ...picture("320x180", 1), ...quickVideo);
    const turned = await clip("turned.mp4", "-display_rotation", "90", "-i", flat, "-c", "copy");
    expect(await sizeOf(turned, { preset: "mp4" })).toEqual([180, 320]);
    const copied = (
      await factsOf(await converted(turned, { preset: "remux", options: { container: "mov" } }))
    ).video[0];
    expect([copied?.widthPixels, copied?.heightPixels, copied?.rotationDegrees]).toEqual([180, 320, 270]);
  });

  it("has square pixels, whatever the source had", async () => {
    const dv = await clip("anamorphic.mp4", ...picture("720x576", 0.2), "-vf", "setsar=64/45", ...quickVideo);
    const [video] = (await factsOf(await converted(dv, { preset: "mp4" }))).video;
    expect([video?.storedWidthPixels, video?.heightPixels, video?.squarePixels]).toEqual([1024, 576, true]);
  });

  it("social fills or pads 1080 × 1920", async () => {
    expect(await sizeOf(film, { preset: "social", options: { fit: "crop" } })).toEqual([1080, 1920]);
  });

  it("a video without sound is a video", async () => {
    const silent = await clip("silent.mp4", ...picture("320x180", 1), ...quickVideo);
    for (const preset of ["mp4", "webm", "remux", "gif"] as const) {
      expect((await factsOf(await converted(silent, { preset }))).audio).toEqual([]);
    }
    expect((await failure(converted(silent, { preset: "mp3" }))).code).toBe("media.no_audio");
    expect((await failure(converted(song, { preset: "mp4" }))).code).toBe("media.no_video");
  });

  it("a cover picture is not a video", async () => {
    const cover = await clip("cover.png", ...picture("64x64", 1), "-frames:v", "1");
    const covered = await clip(
      "covered.mp3",
      "-i",
      song,
      "-i",
      cover,
      "-map",
      "0:a",
      "-map",
      "1:v",
      "-c:v",
      "copy",
      "-disposition:v",
      "attached_pic",
    );
    expect((await failure(converted(covered, { preset: "mp4" }))).code).toBe("media.no_video");
    expect((await converted(covered, { preset: "m4a" })).outputs).toHaveLength(1);
  });

  it("follows frames a second and cuts", async () => {
    const options = { fps: 5, trimStartSeconds: 0.5, trimEndSeconds: 1.5, videoCodec: "vp8" } as const;
    const facts = await factsOf(await converted(film, { preset: "webm", options }));
    expect(facts.video[0]).toMatchObject({ codec: "vp8", fps: 5 });
    expect(facts.durationSeconds).toBeCloseTo(1, 0);
  });

  it("remux says which codec the container cannot hold", async () => {
    const vp8 = await clip("vp8.webm", ...picture("64x64", 0.4), "-c:v", "libvpx");
    const error = await failure(converted(vp8, { preset: "remux" }));
    expect([error.code, error.message]).toEqual(["media.unsupported_codec", expect.stringContaining("vp8")]);
    expect(
      (await converted(vp8, { preset: "remux", options: { container: "mkv" } })).outputs[0]?.videoCodec,
    ).toBe("vp8");
  });
});
