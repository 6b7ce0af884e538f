import * as z from "zod/mini";
import { NewShare } from "../files.ts";
import { filters, Word } from "../filters.ts";
import { FileId, JobId, ShareId } from "../ids.ts";
import { route } from "../route.ts";

const params = z.object({ fileId: FileId });
/** S3's own form of a version's id; `null` names what was stored before there were versions. */
const VersionId = z.string().check(z.regex(/^[\w.-]{1,1024}$/, "must be a version id"));

export const FileFilter = z.object({ ...filters, kind: z.optional(Word), jobId: z.optional(JobId) });
export type FileFilter = z.infer<typeof FileFilter>;

export const listFiles = route({ method: "GET", path: "/files", access: "user", query: FileFilter });

export const getFile = route({ method: "GET", path: "/files/{fileId}", access: "user", params });

export const signFile = route({
  method: "GET",
  path: "/files/{fileId}/url",
  access: "user",
  params,
  query: z.object({
    /** `download` offers it under the user's own file name, `play` shows it in the page. */
    for: z._default(z.enum(["download", "play"]), "download"),
    /** The newest where absent. */
    versionId: z.optional(VersionId),
  }),
});

export const listFileVersions = route({
  method: "GET",
  path: "/files/{fileId}/versions",
  access: "user",
  params,
});

export const restoreFileVersion = route({
  method: "POST",
  path: "/files/{fileId}/versions/{versionId}/restore",
  access: "user",
  params: z.object({ fileId: FileId, versionId: VersionId }),
});

export const shareFile = route({
  method: "POST",
  path: "/files/{fileId}/shares",
  access: "user",
  params,
  body: NewShare,
});

export const listShares = route({ method: "GET", path: "/files/{fileId}/shares", access: "user", params });

export const revokeShare = route({
  method: "DELETE",
  path: "/files/{fileId}/shares/{shareId}",
  access: "user",
  params: z.object({ fileId: FileId, shareId: ShareId }),
});

export const openShare = route({
  method: "GET",
  path: "/shared/{token}",
  access: "public",
  params: z.object({ token: z.string().check(z.regex(/^[\w-]{43}$/)) }),
});
