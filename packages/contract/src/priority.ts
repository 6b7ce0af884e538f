import * as z from "zod/mini";

export const priorities = ["high", "normal", "low"] as const;
/** Which of one's own jobs goes first; nobody gets ahead of other people by it. */
export const Priority = z.enum(priorities);
export type Priority = z.infer<typeof Priority>;
