import { ConversionRequest, type PresetId, presetIds, presets } from "@t2m/contract/presets";
import * as z from "zod/mini";
import { createStore } from "../lib/store.ts";
import type { Kind } from "./row.ts";

const videoNames = /\.(mp4|m4v|mov|mkv|webm|avi|wmv|flv|mpe?g|mts|m2ts|ts|3gp|ogv|vob|mxf|gif)$/i;
const audioNames = /\.(mp3|m4a|aac|opus|og[ga]|flac|wav|aiff?|wma|mka|amr|ac3|caf|au|ape)$/i;

export function kindOf({ name, type }: { name: string; type: string }): Kind {
  if (type.startsWith("video/") || type === "image/gif") return "video";
  if (type.startsWith("audio/")) return "audio";
  return videoNames.test(name) ? "video" : "audio";
}

/** Whether a file in a folder is worth trying; one that was chosen by itself always is. */
export const looksLikeMedia = ({ name, type }: { name: string; type: string }) =>
  /^(audio|video)\//.test(type) || videoNames.test(name) || audioNames.test(name);

/** What the next files become: a preset, or what suits each. */
export type Choice = PresetId | "auto";
export const choice = createStore<Choice>("auto");

/** A format that most people would pick: what plays everywhere, and not what the file is already. */
export function presetFor(file: { name: string; type: string }, chosen: Choice = choice.get()): PresetId {
  const kind = kindOf(file);
  if (chosen !== "auto" && suits(chosen, kind)) return chosen;
  if (kind === "video") return "mp4";
  return /\.mp3$/i.test(file.name) || file.type === "audio/mpeg" ? "m4a" : "mp3";
}

/** Whether files of this kind have the track that the preset needs. Video mostly has sound. */
export const suits = (preset: PresetId, kind: Kind) => kind === "video" || presets[preset].needs === "audio";

export const isPresetId = (id: string): id is PresetId => presetIds.some((known) => known === id);

/** A conversion with its defaults filled in, or what is wrong with it. */
export function conversionOf(preset: PresetId, options: object = {}): ConversionRequest {
  return z.parse(ConversionRequest, { preset, options });
}
