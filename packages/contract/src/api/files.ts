import type { Operation } from "../api.ts";
import { CreatedShare, FileVersions, SharedFile, Shares, SignedFile, StoredFile } from "../files.ts";
import { pageOf } from "../page.ts";
import * as files from "../routes/files.ts";

export const fileOperations = {
  listFiles: {
    route: files.listFiles,
    summary: "Your files, newest first",
    status: 200,
    response: pageOf(StoredFile),
    errors: [],
  },
  getFile: {
    route: files.getFile,
    summary: "What is known of a file",
    status: 200,
    response: StoredFile,
    errors: ["not_found"],
  },
  signFile: {
    route: files.signFile,
    summary: "A short-lived URL of a file or of one of its versions",
    status: 200,
    response: SignedFile,
    errors: ["not_found"],
  },
  listFileVersions: {
    route: files.listFileVersions,
    summary: "The versions that S3 holds of a file, newest first",
    status: 200,
    response: FileVersions,
    errors: ["not_found"],
  },
  restoreFileVersion: {
    route: files.restoreFileVersion,
    summary: "Make an earlier version the newest again; none is lost by it",
    status: 200,
    response: FileVersions,
    errors: ["not_found"],
  },
  shareFile: {
    route: files.shareFile,
    summary: "A link for anybody, for a while",
    status: 201,
    response: CreatedShare,
    errors: ["not_found"],
  },
  listShares: {
    route: files.listShares,
    summary: "The links that were made for a file",
    status: 200,
    response: Shares,
    errors: ["not_found"],
  },
  revokeShare: {
    route: files.revokeShare,
    summary: "End a link now",
    status: 204,
    errors: ["not_found"],
  },
  openShare: {
    route: files.openShare,
    summary: "The file that a link stands for, with a short-lived URL",
    status: 200,
    response: SharedFile,
    errors: ["not_found"],
  },
} as const satisfies Record<string, Operation>;
