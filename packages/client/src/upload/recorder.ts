import type { Client } from "../client.ts";

export type Recorder = {
  /** Says in the background that a part is stored. */
  record(partNumber: number): void;
  /** Drops what is not said yet. */
  stop(): void;
};

const atOnce = 2;

/**
 * Tells the API which parts are stored, for whoever looks on from elsewhere. It never holds the upload up, and a
 * record that fails is left out: completing asks S3 itself.
 */
export function createRecorder(client: Client, uploadId: string): Recorder {
  const stopping = new AbortController();
  const waiting: number[] = [];
  let running = 0;

  async function work() {
    running++;
    for (let partNumber = waiting.shift(); partNumber !== undefined; partNumber = waiting.shift()) {
      const call = { params: { uploadId, partNumber }, signal: stopping.signal };
      await client.recordPart(call).catch(() => undefined);
    }
    running--;
  }

  return {
    record(partNumber) {
      waiting.push(partNumber);
      if (running < atOnce) void work();
    },
    stop() {
      waiting.length = 0;
      stopping.abort();
    },
  };
}
