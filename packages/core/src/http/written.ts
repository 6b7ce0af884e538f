import type { ServerResponse } from "node:http";

/**
 * Writes a chunk and waits until it has left this process, after which its memory may be used again. Rejects when the
 * reader goes away.
 */
export async function written(response: ServerResponse, chunk: Uint8Array): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const gone = () => reject(new Error("the reader went away"));
    response.once("close", gone);
    response.write(chunk, (error) => {
      response.off("close", gone);
      if (error) reject(error);
      else resolve();
    });
    if (response.destroyed) gone();
  });
}
