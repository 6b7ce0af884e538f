import { presets } from "@t2m/contract/presets";
import { listPresets as route } from "@t2m/contract/routes/service";
import type { Preset } from "@t2m/contract/service";
import * as z from "zod/mini";
import { handle, reply } from "../adapter/http.ts";

/** They change with a deployment only: made once, and kept by whoever asked for an hour. */
const all: Preset[] = Object.values(presets).map(
  ({ id, title, description, kind, extension, contentType, options }) => ({
    id,
    title,
    description,
    kind,
    extension,
    contentType,
    options: { ...z.toJSONSchema(options, { io: "input" }) },
  }),
);

export const handler = handle(route, async () =>
  reply(200, all, { "cache-control": "public, max-age=3600" }),
);
