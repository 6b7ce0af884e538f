/** Bytes `start` to before `end`. */
export type ByteRange = { start: number; end: number };

/** A file to upload, as the uploader sees it; `browser/file` and `node/file` make them. */
export type FileSource = {
  name: string;
  type: string;
  sizeBytes: number;
  /** Epoch milliseconds of its last change. */
  modifiedAt: number;
  /** Reads a part and checksums it. Memory stays flat: a part too large to hold is read again to be sent. */
  prepare(range: ByteRange, signal: AbortSignal): Promise<PreparedPart>;
  /** Whether the file still has the size and the last change that it had. */
  unchanged(): Promise<boolean>;
};

export type PreparedPart = {
  sizeBytes: number;
  /** As S3 writes it: 4 bytes, big-endian, base64. */
  checksumCrc32: string;
  /** Sends the part. Throws on network errors; any status is an answer. */
  send(request: PartRequest): Promise<PartReply>;
  /** Says that the part is needed no more, so that its memory can hold another. */
  release(): void;
};

export type PartRequest = {
  url: string;
  headers: Record<string, string>;
  signal: AbortSignal;
  /** Told how many of the part's bytes have gone out so far. */
  onSent(bytes: number): void;
};

export type PartReply = { status: number; text: string; retryAfter?: string | null };

/** Up to this size a part is held in memory between checksum and sending, so that the disk is read once. */
export const heldPartBytes = 16 * 1024 * 1024;
