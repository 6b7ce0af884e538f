import { describe, expect, it } from "vitest";
import * as z from "zod/mini";
import { ConversionRequest, parseOptions, presetIds, presets } from "../src/presets.ts";

const issuesOf = (work: () => unknown): string[] => {
  try {
    work();
  } catch (error) {
    if (error instanceof z.core.$ZodError) return error.issues.map((issue) => issue.message);
    throw error;
  }
  return [];
};

describe("presets", () => {
  it.each(presetIds)("%s needs no options: every one has a default or may be absent", (preset) => {
    const parsed = ConversionRequest.parse({ preset });
    expect(parsed.preset).toBe(preset);
    expect(parsed.options).toEqual(parseOptions(preset, undefined));
    expect(presets[preset].id).toBe(preset);
  });

  it.each(presetIds)("%s refuses an option it does not know, by name", (preset) => {
    expect(ConversionRequest.safeParse({ preset, options: { vcodec: "copy" } }).success).toBe(false);
    expect(issuesOf(() => parseOptions(preset, { vcodec: "copy" }))).toEqual(["unknown option: vcodec"]);
  });

  it("says in words what is wrong with an option", () => {
    expect(issuesOf(() => parseOptions("mp3", { bitrateKbps: 1000 }))[0]).toMatch(/^must be one of 64, 96/);
    expect(issuesOf(() => parseOptions("mp4", { heightPixels: 100_000 }))).toEqual(["must be at most 3840"]);
    expect(issuesOf(() => parseOptions("mp4", { heightPixels: 719.5 }))).toEqual(["must be a whole number"]);
    expect(issuesOf(() => parseOptions("wav", { trimStartSeconds: -1 }))).toEqual(["must be at least 0"]);
    expect(issuesOf(() => parseOptions("wav", { trimStartSeconds: Number.NaN }))).not.toEqual([]);
    expect(issuesOf(() => parseOptions("wav", { trimStartSeconds: 5, trimEndSeconds: 5 }))).toEqual([
      "must lie after trimStartSeconds",
    ]);
  });

  it("fills in defaults", () => {
    expect(parseOptions("mp3", {})).toEqual({ bitrateKbps: 192 });
    expect(parseOptions("gif", { fps: 10 })).toEqual({ fps: 10, widthPixels: 480 });
    expect(parseOptions("mp4", { heightPixels: 720 })).toEqual({
      heightPixels: 720,
      quality: "medium",
      audioBitrateKbps: 128,
    });
  });

  it("refuses a preset that does not exist", () => {
    expect(ConversionRequest.safeParse({ preset: "exe" }).success).toBe(false);
  });

  it("becomes a JSON schema that names every preset and closes every options object", () => {
    const schema = z.toJSONSchema(ConversionRequest, { io: "input", target: "draft-2020-12" });
    const members = schema.oneOf ?? schema.anyOf ?? [];
    expect(members).toHaveLength(presetIds.length);
    for (const member of members)
      expect(member).toMatchObject({ additionalProperties: false, required: ["preset"] });
    expect(JSON.stringify(schema)).toContain("never more than the source");
  });
});
