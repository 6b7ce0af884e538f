import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/** How much may be read before what it left behind is cleared away; measured: less and more both cost more time. */
const sweepEveryBytes = 1024 * 1024;
/** What was in use at two of these looks outlives them: 5 MB for each 512 MiB, which a whole look clears in 20 ms. */
const wholeEverySweeps = 512;

let readBytes = 0;
let sweeps = 0;
let collect: ((how: { type: "minor" | "major" }) => void) | undefined;

/**
 * To be told of bytes that came from a socket. Each chunk of 64 KiB lies outside V8's heap and weighs nothing there,
 * so that V8 lets a hundred megabytes of dead ones pile up before it looks; a look at the young ones costs less than
 * a millisecond. (A small semi-space would do the same, but Lambda sets that flag itself.)
 */
export function countRead(bytes: number): void {
  readBytes += bytes;
  if (readBytes < sweepEveryBytes) return;
  readBytes = 0;
  sweeps += 1;
  collect ??= collector();
  collect({ type: sweeps % wholeEverySweeps === 0 ? "major" : "minor" });
}

function collector(): (how: { type: "minor" | "major" }) => void {
  setFlagsFromString("--expose-gc");
  // Helper threads would take the core on which ffmpeg encodes.
  setFlagsFromString("--no-parallel-scavenge");
  return runInNewContext("gc");
}
