import * as z from "zod/mini";

/** A moment in JSON: ISO 8601, UTC. */
export const Moment = z.iso.datetime();
