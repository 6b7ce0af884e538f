import { client } from "../session/client.ts";

export type StoredThing = {
  key: string;
  name: string;
  bytes: number;
  expiresAt: string;
  /** Of a result; a source has no page. */
  jobId?: string;
};
type Sum = { bytes: number; count: number };
export type Stored = { sources: Sum; results: Sum; things: readonly StoredThing[] };

/** All that is stored for the person, soonest gone first, as their own lists tell. */
export async function storedThings(signal: AbortSignal): Promise<Stored> {
  const [uploads, jobs] = await Promise.all([
    everyPage((cursor) => client.listUploads({ query: { limit: 100, ...(cursor && { cursor }) }, signal })),
    everyPage((cursor) => client.listJobs({ query: { limit: 100, ...(cursor && { cursor }) }, signal })),
  ]);
  const sources = uploads
    .filter(({ status }) => status !== "aborted")
    .map(({ id, name, bytesCompleted, sizeBytes, status, expiresAt }) => {
      return { key: id, name, bytes: status === "completed" ? sizeBytes : bytesCompleted, expiresAt };
    });
  const results = jobs.flatMap(({ id, outputs, expiresAt }) =>
    outputs.map((output) => {
      const { name, fileName, sizeBytes } = output;
      return { key: `${id} ${name}`, name: fileName, bytes: sizeBytes, expiresAt, jobId: id };
    }),
  );
  const things = [...sources, ...results].sort((one, other) => one.expiresAt.localeCompare(other.expiresAt));
  return { sources: sumOf(sources), results: sumOf(results), things };
}

const sumOf = (things: readonly StoredThing[]): Sum => ({
  bytes: things.reduce((sum, { bytes }) => sum + bytes, 0),
  count: things.length,
});

async function everyPage<T>(
  page: (cursor: string | undefined) => Promise<{ items: T[]; cursor?: string | undefined }>,
): Promise<T[]> {
  const all: T[] = [];
  for (let cursor: string | undefined; ; ) {
    const { items, cursor: next } = await page(cursor);
    all.push(...items);
    if (!next) return all;
    cursor = next;
  }
}
