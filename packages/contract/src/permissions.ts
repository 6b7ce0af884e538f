import * as z from "zod/mini";

export const roles = ["user", "admin"] as const;
export const Role = z.enum(roles);
export type Role = z.infer<typeof Role>;

export const permissions = [
  /** See people, jobs, usage and the queue of all; no names of files and none of what is in them. */
  "admin.read",
  /** Cancel jobs for people, and say who may do what. */
  "admin.manage",
] as const;
export const Permission = z.enum(permissions);
export type Permission = z.infer<typeof Permission>;
