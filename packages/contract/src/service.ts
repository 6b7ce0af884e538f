import * as z from "zod/mini";

export const Preset = z.object({
  id: z.string(),
  title: z.string(),
  description: z.string(),
  kind: z.enum(["audio", "video", "image"]),
  extension: z.string(),
  contentType: z.string(),
  /** JSON Schema of the preset's options, with their defaults and bounds. */
  options: z.record(z.string(), z.unknown()),
});
export type Preset = z.infer<typeof Preset>;

export const Health = z.object({
  status: z.enum(["ok", "degraded"]),
  stage: z.string(),
  services: z.array(
    z.object({ name: z.string(), status: z.enum(["ok", "unavailable"]), detail: z.optional(z.string()) }),
  ),
});
export type Health = z.infer<typeof Health>;
