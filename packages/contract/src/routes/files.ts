import * as z from "zod/mini";
import { NewShare } from "../files.ts";
import { filters, Word } from "../filters.ts";
import { FileId, JobId, ShareId } from "../ids.ts";
import { route } from "../route.ts";

/** Of one file of who asks. */
const ofFile = { access: "user", params: z.object({ fileId: FileId }) } as const;
/** S3's own form of a version's id; `null` names what was stored before there were versions. */
const VersionId = z.string().check(z.regex(/^[\w.-]{1,1024}$/, "must be a version id"));

export const FileFilter = z.object({ ...filters, kind: z.optional(Word), jobId: z.optional(JobId) });
export type FileFilter = z.infer<typeof FileFilter>;

export const listFiles = route({ method: "GET", path: "/files", access: "user", query: FileFilter });

export const getFile = route({ ...ofFile, method: "GET", path: "/files/{fileId}" });

export const signFile = route({
  ...ofFile,
  method: "GET",
  path: "/files/{fileId}/url",
  query: z.object({
    /** `download` offers it under the user's own file name, `play` shows it in the page. */
    for: z._default(z.enum(["download", "play"]), "download"),
    /** The newest where absent. */
    versionId: z.optional(VersionId),
  }),
});

export const listFileVersions = route({ ...ofFile, method: "GET", path: "/files/{fileId}/versions" });

export const restoreFileVersion = route({
  ...ofFile,
  method: "POST",
  path: "/files/{fileId}/versions/{versionId}/restore",
  params: z.object({ fileId: FileId, versionId: VersionId }),
});

export const shareFile = route({
  ...ofFile,
  method: "POST",
  path: "/files/{fileId}/shares",
  body: NewShare,
});

export const listShares = route({ ...ofFile, method: "GET", path: "/files/{fileId}/shares" });

export const revokeShare = route({
  ...ofFile,
  method: "DELETE",
  path: "/files/{fileId}/shares/{shareId}",
  params: z.object({ fileId: FileId, shareId: ShareId }),
});

export const openShare = route({
  method: "GET",
  path: "/shared/{token}",
  access: "public",
  params: z.object({ token: z.string().check(z.regex(/^[\w-]{43}$/)) }),
});
