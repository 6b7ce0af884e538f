import { execFile } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { findBinaries } from "../../src/ffmpeg/binaries.ts";
import { ProbeError, probe } from "../../src/ffmpeg/probe.ts";
import { runFfmpeg } from "../../src/ffmpeg/run.ts";
import { sniff } from "../../src/ffmpeg/sniff.ts";

const binaries = findBinaries();

// The second line of defence: `sniff` never lets a playlist come this far.
it("a playlist that reaches ffmpeg all the same leads it nowhere", async () => {
  const visits: string[] = [];
  const canary = createServer((request, response) => {
    visits.push(request.url ?? "");
    response.writeHead(404).end();
  }).listen(0, "127.0.0.1");
  await once(canary, "listening");
  const address = canary.address();
  const port = typeof address === "object" ? address?.port : 0;
  const workDirectory = mkdtempSync(join(tmpdir(), "t2m-whitelist-"));
  const input = join(workDirectory, "list.m3u8");
  writeFileSync(
    input,
    `#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nhttp://127.0.0.1:${port}/a.ts\n#EXT-X-ENDLIST\n`,
  );
  const common = {
    input,
    // More than a conversion allows, so that only the demuxers stand in the way.
    protocols: "file,http,tcp",
    demuxers: "mp3,wav",
    workDirectory,
    signal: new AbortController().signal,
    limits: {},
  };
  try {
    await expect(probe({ ffprobe: binaries.ffprobe, ...common })).rejects.toThrow(ProbeError);
    const output = { inputArgs: [], outputArgs: ["-f", "null", "-"], maximumPixels: 1e6 };
    expect((await runFfmpeg({ ffmpeg: binaries.ffmpeg, ...common, ...output })).exitCode).not.toBe(0);
    expect(visits).toEqual([]);
    // The trap works: without the allow-list the address is fetched.
    await new Promise<void>((resolve) => {
      execFile(binaries.ffprobe, ["-protocol_whitelist", common.protocols, input], () => resolve());
    });
    expect(visits).not.toEqual([]);
  } finally {
    canary.close();
  }
});

it("an ID3 tag hides nothing: what stands behind it decides", () => {
  const tag = Buffer.from("ID3\x04\0\0\0\0\0\x0a0123456789", "latin1");
  const behind = (bytes: string) => sniff(Buffer.concat([tag, Buffer.from(bytes, "latin1")]));
  expect(behind("\xff\xfb\x90\x64")).toMatchObject({ container: "mp3" });
  expect(behind("\0\0\0\xff\xf1\x50\x80")).toMatchObject({ container: "aac" });
  expect(behind("fLaC\0\0\0\x22")).toMatchObject({ container: "flac" });
  expect(behind("#EXTM3U\n#EXTINF:1")).toEqual({ refused: "unknown" });
  expect(behind("OggS\0\x02")).toEqual({ refused: "unknown" });
  const longer = Buffer.from("ID3\x04\0\0\0\x7f\x7f\x7f", "latin1");
  expect(sniff(longer)).toMatchObject({ demuxers: "mp3,aac,flac" });
});
