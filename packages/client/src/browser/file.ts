import { base64OfCrc32, crc32 } from "../upload/crc32.ts";
import type { FileSource, PartReply, PartRequest, PreparedPart } from "../upload/source.ts";
import { heldPartBytes } from "../upload/source.ts";

const silentForMs = 60_000;
// Set by the browser itself; it refuses to be told.
const ownHeaders = new Set(["content-length", "host"]);

/** A file that a person chose or dropped. */
export function fileSource(file: File): FileSource {
  return {
    name: file.name,
    type: file.type || "application/octet-stream",
    sizeBytes: file.size,
    modifiedAt: file.lastModified,
    prepare: ({ start, end }, signal) => prepare(file.slice(start, end), signal),
    // A browser refuses to read a chosen file that has changed since.
    unchanged: () =>
      file
        .slice(0, 1)
        .arrayBuffer()
        .then(
          () => true,
          () => false,
        ),
  };
}

async function prepare(slice: Blob, signal: AbortSignal): Promise<PreparedPart> {
  signal.throwIfAborted();
  if (slice.size <= heldPartBytes) {
    const bytes = new Uint8Array(await slice.arrayBuffer());
    return part(slice, slice.size, crc32(bytes));
  }
  let crc = 0;
  for await (const bytes of blocksOf(slice)) {
    signal.throwIfAborted();
    crc = crc32(bytes, crc);
  }
  return part(slice, slice.size, crc);
}

// Safari's streams cannot be iterated with `for await`.
async function* blocksOf(slice: Blob): AsyncGenerator<Uint8Array> {
  const reader = slice.stream().getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    yield value;
  }
}

// What is sent is the file's slice, not the bytes: a browser copies those on the page's own thread.
function part(slice: Blob, sizeBytes: number, crc: number): PreparedPart {
  return {
    sizeBytes,
    checksumCrc32: base64OfCrc32(crc),
    send: (request) => put(request, slice),
    release: () => undefined,
  };
}

/** PUTs by XMLHttpRequest: fetch still cannot tell how much of a body has gone. */
function put({ url, headers, signal, onSent }: PartRequest, body: Blob): Promise<PartReply> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    const request = new XMLHttpRequest();
    let watch: ReturnType<typeof setTimeout>;
    const stillAlive = () => {
      clearTimeout(watch);
      watch = setTimeout(() => request.abort(), silentForMs);
    };
    const stop = () => request.abort();
    const settle = (act: () => void) => () => {
      clearTimeout(watch);
      signal.removeEventListener("abort", stop);
      act();
    };
    request.open("PUT", url);
    for (const [name, value] of Object.entries(headers)) {
      if (!ownHeaders.has(name.toLowerCase())) request.setRequestHeader(name, value);
    }
    request.upload.onprogress = ({ loaded }) => {
      stillAlive();
      onSent(loaded);
    };
    request.onload = settle(() =>
      resolve({
        status: request.status,
        text: request.responseText,
        // Asked for by name, a header that CORS does not expose is an error in the console.
        retryAfter: /^retry-after: *(.+)$/im.exec(request.getAllResponseHeaders())?.[1] ?? null,
      }),
    );
    request.onerror = settle(() => reject(new Error("The connection to the storage broke")));
    request.onabort = settle(() =>
      reject(signal.aborted ? signal.reason : new Error("The storage is silent")),
    );
    signal.addEventListener("abort", stop, { once: true });
    stillAlive();
    request.send(body);
  });
}
