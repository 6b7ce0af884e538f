import type { UploadProgress } from "@t2m/client/upload/progress";
import type { ConversionRequest } from "@t2m/contract/presets";

export type Kind = "audio" | "video";

export type Phase =
  | "queued"
  | "starting"
  | "checking"
  | "sending"
  | "paused"
  | "completing"
  | "uploaded"
  /** Begun before a reload: the browser must be given the file once more. */
  | "needs-file"
  /** The browser remembers the file, and wants to hear from the person that it may read it. */
  | "needs-permission"
  | "failed"
  /** The upload was deleted or has expired. */
  | "gone";

/** A file on the convert page: its upload, and the jobs made of it. */
export type Row = {
  id: string;
  name: string;
  sizeBytes: number;
  type: string;
  kind: Kind;
  /** Epoch milliseconds; unknown for an upload that another browser began. */
  modifiedAt?: number;
  wanted: ConversionRequest;
  phase: Phase;
  progress?: UploadProgress;
  partCount?: number;
  uploadId?: string;
  jobIds: readonly string[];
  /** Jobs that came with the upload and are no longer wanted. */
  droppedJobIds: readonly string[];
  /** The upload's own conversion is no longer what is wanted: another is made once the file is there. */
  isChanged: boolean;
  problem?: { text: string; canRetry: boolean };
  durationSeconds?: number;
  /** An object URL of a frame. */
  poster?: string;
};

const moving: ReadonlySet<Phase> = new Set(["queued", "starting", "checking", "sending", "completing"]);
export const isMoving = ({ phase }: Row) => moving.has(phase);
/** Whether leaving the page would interrupt it. */
export const isSending = ({ phase }: Row) => moving.has(phase) || phase === "paused";
export const needsPerson = ({ phase }: Row) => phase === "needs-file" || phase === "needs-permission";
