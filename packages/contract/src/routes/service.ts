import * as z from "zod/mini";
import { route } from "../route.ts";

export const listPresets = route({ method: "GET", path: "/presets", access: "public" });

export const checkHealth = route({
  method: "GET",
  path: "/health",
  access: "public",
  query: z.object({
    /** `deep` asks the services behind this one too. */
    check: z._default(z.enum(["shallow", "deep"]), "shallow"),
  }),
});
