import type { Piece } from "./blobs.ts";
import { type Algorithm, Digester, type Digests } from "./checksums.ts";
import { checkReadable } from "./conditions.ts";
import { invalidArgument } from "./errors.ts";
import type { Exchange } from "./exchange.ts";
import { needObject, type ObjectRow } from "./objects.ts";
import type { Store } from "./store.ts";

/** The object that `x-amz-copy-source` names, once its conditions hold. @throws as a GET of it would */
export function copySource(store: Store, exchange: Exchange): ObjectRow {
  const header = exchange.headers["x-amz-copy-source"] ?? "";
  const [path = "", query = ""] = header.split("?");
  const name = decodeURIComponent(path).replace(/^\//, "");
  const slash = name.indexOf("/");
  if (slash < 1)
    throw invalidArgument(
      "Copy Source must mention the source bucket and key: sourcebucket/sourcekey",
      "x-amz-copy-source",
      header,
    );
  const version = new URLSearchParams(query).get("versionId");
  const object = needObject(store, exchange, name.slice(0, slash), name.slice(slash + 1), version);
  checkReadable(exchange.headers, object, "x-amz-copy-source-");
  return object;
}

/** Stores a range of an object's bytes as a new blob. */
export async function copyBytes(
  { blobs }: Store,
  pieces: readonly Piece[],
  range: { first: number; last: number },
  algorithm: Algorithm | "",
): Promise<Digests & { blob: string }> {
  const release = blobs.hold(pieces);
  const writer = await blobs.create();
  const digester = new Digester({ sha1: algorithm === "SHA1", sha256: algorithm === "SHA256" });
  try {
    for await (const chunk of blobs.read(pieces, range.first, range.last)) {
      digester.update(chunk);
      // The writer keeps it for a while.
      await writer.write(Buffer.from(chunk));
    }
    await writer.close();
    return { ...digester.finish(), blob: writer.id };
  } catch (error) {
    await writer.discard();
    throw error;
  } finally {
    await release();
  }
}
