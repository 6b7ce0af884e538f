import { refuseOtherTypes, refuseOversize, storedType } from "@t2m/core/uploads/refusal";
import { expect, test } from "vitest";

test.each([
  ["song.mp3", "audio/mpeg"],
  ["film.mkv", "video/x-matroska"],
  ["film.ogx", "application/ogg"],
  ["loop.gif", "image/gif"],
  ["voice.webm", "audio/webm;codecs=opus"],
  ["unknown", ""],
  ["stream.ts", "application/octet-stream"],
  ["SONG.MP3", "Audio/MPEG"],
])("%s of type '%s' may come; its bytes decide", (name, type) => {
  expect(() => refuseOtherTypes({ name, type })).not.toThrow();
});

test.each([
  ["page.html", "text/html"],
  ["song.mp3", "application/zip"],
  ["photo.png", "image/png"],
  ["list.m3u8", ""],
  ["list", "application/vnd.apple.mpegurl"],
  ["list.mp3", "audio/x-mpegurl"],
  ["video.mpd", "video/mp4"],
  ["archive.zip", "application/octet-stream"],
  ["song.mp3", "nonsense"],
  ["song.mp3", "audio/"],
  ["song.mp3", "audio/mpeg\r\nx: y"],
])("%s of type '%s' is refused, with the reason", (name, type) => {
  expect(() => refuseOtherTypes({ name, type })).toThrow(
    expect.objectContaining({ code: "upload.type_unsupported", detail: expect.stringMatching(/\.$/) }),
  );
});

test("a file larger than the stage takes is refused with both sizes", () => {
  expect(() => refuseOversize(100, 100)).not.toThrow();
  expect(() => refuseOversize(101, 100)).toThrow("The file has 101 bytes; this service takes up to 100.");
});

test("what says nothing of itself is stored as plain bytes, never as something a browser runs", () => {
  expect([storedType(""), storedType("Audio/WAV; rate=1")]).toEqual([
    "application/octet-stream",
    "audio/wav",
  ]);
});
