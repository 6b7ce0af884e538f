import { once } from "node:events";
import type { Readable } from "node:stream";
import * as z from "zod/mini";
import { FunctionFailed } from "./failures.ts";

export type StreamedResponse = {
  statusCode: number;
  headers: Record<string, string>;
  cookies: readonly string[];
  /** Destroying it leaves the function running to its end, as on AWS. */
  body: Readable;
};

const preludeType = "application/vnd.awslambda.http-integration-response";
const delimiter = Buffer.alloc(8);
const maximumPreludeBytes = 64 * 1024;

const Prelude = z.object({
  statusCode: z._default(z.int().check(z.minimum(100), z.maximum(599)), 200),
  headers: z._default(z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])), {}),
  cookies: z._default(z.array(z.string()), []),
});

/**
 * Takes the prelude (JSON, eight NULs) that `HttpResponseStream.from` puts before a streamed answer. A stream without
 * one is a 200 of its own content type.
 *
 * @throws FunctionFailed where the function fails, or ends, before its first byte.
 */
export async function readStreamedResponse(contentType: string, body: Readable): Promise<StreamedResponse> {
  if (contentType !== preludeType) {
    await once(body, "readable").catch((error: unknown) => {
      throw error instanceof FunctionFailed ? error : new FunctionFailed(String(error));
    });
    return { statusCode: 200, headers: { "content-type": contentType }, cookies: [], body };
  }
  const prelude = Prelude.parse(JSON.parse(await takePrelude(body)));
  const headers = Object.fromEntries(
    Object.entries(prelude.headers).map(([name, value]) => [name.toLowerCase(), String(value)]),
  );
  return { ...prelude, headers, body };
}

function takePrelude(body: Readable): Promise<string> {
  return new Promise((resolve, reject) => {
    let taken = Buffer.alloc(0);
    function fail(error: Error): void {
      stopListening();
      body.destroy();
      reject(error);
    }
    function onEnd(): void {
      fail(new FunctionFailed("The stream ended before its prelude: nothing was written to it"));
    }
    function onData(chunk: Buffer): void {
      taken = Buffer.concat([taken, chunk]);
      const end = taken.indexOf(delimiter);
      if (end < 0) {
        if (taken.length > maximumPreludeBytes) fail(new FunctionFailed("The stream's prelude is too long"));
        return;
      }
      stopListening();
      body.pause();
      const rest = taken.subarray(end + delimiter.length);
      if (rest.length > 0) body.unshift(rest);
      resolve(taken.toString("utf8", 0, end));
    }
    function stopListening(): void {
      body.off("data", onData).off("end", onEnd).off("error", fail);
    }
    body.on("data", onData).on("end", onEnd).on("error", fail);
  });
}
