import { readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  bytesSource,
  clip,
  converted,
  failure,
  folder,
  leftIn,
  MemoryStore,
  noise,
  picture,
  tone,
} from "./support.ts";

// Whoever fetches from here was led astray by a file.
const visits: string[] = [];
const canary = createServer((request, response) => {
  visits.push(request.url ?? "");
  response.end();
});
let canaryUrl = "";
let secret = "";

beforeAll(async () => {
  await new Promise<void>((resolve) => canary.listen(0, "127.0.0.1", resolve));
  const address = canary.address();
  canaryUrl = `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}/canary`;
  secret = await clip("secret.wav", ...tone(1));
});
afterAll(() => canary.close());

/** How a conversion of these bytes fails, having left nothing anywhere. */
async function refusal(bytes: Uint8Array, request: Parameters<typeof converted>[1] = { preset: "mp3" }) {
  const store = new MemoryStore();
  const workDirectory = join(folder, `hostile-${Math.random()}`);
  const error = await failure(converted(bytesSource(bytes), request, { store, workDirectory }));
  expect(store.objects.size).toBe(0);
  expect(await leftIn(workDirectory)).toEqual([]);
  expect(error.message).not.toMatch(/127\.0\.0\.1|\/tmp|ffmpeg/);
  expect(error.log ?? "").not.toMatch(/127\.0\.0\.1:\d+\/[0-9a-f]{16}/);
  return error.code;
}

describe("hostile files", () => {
  it.for<[name: string, content: () => string]>([
    ["HLS playlist", () => `#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n${canaryUrl}\n#EXT-X-ENDLIST\n`],
    ["HLS playlist of a local file", () => `#EXTM3U\n#EXTINF:1,\nfile://${secret}\n#EXT-X-ENDLIST\n`],
    ["HLS playlist behind a byte order mark", () => `\ufeff#EXTM3U\n#EXTINF:1,\n${canaryUrl}\n`],
    ["concat list", () => `ffconcat version 1.0\nfile '${canaryUrl}'\n`],
    ["concat list of a local file", () => `ffconcat version 1.0\nfile '${secret}'\n`],
    ["SDP", () => "v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\nc=IN IP4 127.0.0.1\r\nm=audio 5004 RTP/AVP 0\r\n"],
    ["DASH manifest", () => `<?xml version="1.0"?><MPD><BaseURL>${canaryUrl}</BaseURL></MPD>`],
    ["zip renamed .mp3", () => "PK\x03\x04\x14\0\0\0\0\0 a zip, whatever its name says"],
    ["text", () => "just some words"],
    ["noise", () => "\x00\x01\x02\x03 nothing that anyone knows \xfe\xfd"],
    ["empty file", () => ""],
    ["one byte", () => "R"],
  ])("%s is no media", async ([, content]) => {
    expect(await refusal(Buffer.from(content()))).toBe("media.unrecognized");
    expect(visits).toEqual([]);
  });

  it("a playlist hidden behind the first bytes of known media reaches nothing", async () => {
    const list = `#EXTM3U\n#EXTINF:1,\n${canaryUrl}\n`;
    for (const magic of [
      "ID3\x04\0\0\0\0\0\0",
      "RIFF\0\0\0\0WAVE",
      "\0\0\0\x18ftypmp42",
      "GIF89a",
      "OggS\0\x02",
      "FLV\x01",
    ]) {
      expect(["media.unrecognized", "media.truncated"]).toContain(
        await refusal(Buffer.from(magic + list, "latin1")),
      );
    }
    expect(visits).toEqual([]);
  });

  it("a QuickTime file whose track lies elsewhere reads neither a URL nor a file", async () => {
    const path = await clip("ref.mov", ...tone(1), "-c:a", "pcm_s16le");
    const bytes = readFileSync(path);
    // The data reference says "in this file"; made to say "not here" with a path, it must not be followed.
    const at = bytes.indexOf("url \0\0\0\x01", 0, "latin1");
    const alis = Buffer.from(bytes);
    alis.write("alis", at);
    alis.writeUInt32BE(0, at + 4);
    writeFileSync(join(folder, "ref2.mov"), alis);
    const result = await converted(bytesSource(alis), { preset: "wav" }).then(
      () => "read from itself",
      () => "refused",
    );
    expect(["refused", "read from itself"]).toContain(result);
    expect(visits).toEqual([]);
  });

  it("a small file that plays for a day is refused before it is decoded", async () => {
    const minute = await clip(
      "minute.m4a",
      "-f",
      "lavfi",
      "-i",
      "anullsrc=r=8000:cl=mono:d=60",
      "-c:a",
      "alac",
    );
    const path = await clip("day.m4a", "-stream_loop", "1440", "-i", minute, "-c", "copy", "-t", "86400");
    const started = Date.now();
    expect(await refusal(readFileSync(path))).toBe("media.too_long");
    expect(Date.now() - started).toBeLessThan(5000);
  });

  it("a duration that the header keeps to itself does not help", async () => {
    const path = await clip("live.flac", ...tone(30, 8000));
    const bytes = readFileSync(path);
    // The total of samples is 36 bits at byte 21: 0 is unknown.
    bytes.fill(0, 22, 26);
    bytes[21] = (bytes[21] ?? 0) & 0xf0;
    const limits = { maximumDurationSeconds: 10 };
    const error = await failure(converted(bytesSource(bytes), { preset: "mp3" }, { limits }));
    expect(error.code).toBe("media.too_long");
  });

  it("a picture of absurd size is refused", async () => {
    const wide = await clip("wide.mkv", ...picture("8200x4400", 0.04), "-c:v", "mjpeg");
    expect(await refusal(readFileSync(wide), { preset: "mp4" })).toBe("media.too_large");
    const gif = readFileSync(await clip("bomb.gif", ...picture("64x64", 0.2)));
    gif.writeUInt16LE(65000, 6);
    gif.writeUInt16LE(65000, 8);
    expect(["media.too_large", "media.no_video"]).toContain(await refusal(gif, { preset: "mp4" }));
  });
});

describe("broken-off files", () => {
  it.for([
    ["wav", ["-ac", "1"]],
    ["aiff", []],
    ["flac", []],
    ["mp3", []],
    ["mp3", ["-write_xing", "0"]],
    ["ogg", []],
    ["opus", []],
    ["m4a", []],
    ["m4a", ["-movflags", "+faststart"]],
    ["aac", []],
    ["ac3", []],
    ["caf", []],
    ["w64", []],
    ["au", []],
  ] as const)("%s %s: any cut is found", async ([extension, args], { task }) => {
    const bytes = readFileSync(await clip(`whole-${task.id}.${extension}`, ...noise(2), ...args));
    for (const part of [0.35, 0.7, 0.97]) {
      // An odd number lies within a frame or sample, as nearly every real cut does.
      const length = Math.floor(bytes.length * part) | 1;
      expect([part, await refusal(bytes.subarray(0, length), { preset: "wav" })]).toEqual([
        part,
        "media.truncated",
      ]);
    }
    expect((await converted(bytesSource(bytes), { preset: "wav" })).outputs).toHaveLength(1);
  });

  it.for(["mp4", "mov", "mkv", "webm", "avi", "ts", "flv", "gif"])(
    "%s: any cut is found",
    async (extension) => {
      const codec = extension === "webm" ? ["-c:v", "libvpx", "-deadline", "realtime"] : [];
      const sound = extension === "gif" ? [] : noise(2);
      const bytes = readFileSync(
        await clip(`whole-video.${extension}`, ...picture("160x120", 2), ...sound, ...codec),
      );
      for (const part of [0.35, 0.7, 0.97]) {
        const length = Math.floor(bytes.length * part) | 1;
        expect([part, await refusal(bytes.subarray(0, length), { preset: "mp4" })]).toEqual([
          part,
          "media.truncated",
        ]);
      }
      expect((await converted(bytesSource(bytes), { preset: "mp4" })).outputs).toHaveLength(2);
    },
  );
});
