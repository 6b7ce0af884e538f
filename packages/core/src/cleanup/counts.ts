/** What a cleanup removed. */
export type CleanupCounts = {
  /** Versions of objects and delete markers. */
  objectVersions: number;
  sizeBytes: number;
  /** Multipart uploads that were never completed. */
  multipartUploads: number;
  /** Steps and events in the live table. */
  items: number;
};

export function noCounts(): CleanupCounts {
  return { objectVersions: 0, sizeBytes: 0, multipartUploads: 0, items: 0 };
}

export function addCounts(total: CleanupCounts, more: Partial<CleanupCounts>): void {
  total.objectVersions += more.objectVersions ?? 0;
  total.sizeBytes += more.sizeBytes ?? 0;
  total.multipartUploads += more.multipartUploads ?? 0;
  total.items += more.items ?? 0;
}
