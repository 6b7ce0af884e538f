import { ConversionRequest } from "@t2m/contract/presets";
import { convert } from "../../src/conversion/convert.ts";
import { binaries, fileSource, MemoryStore } from "./support.ts";

// A converter in a process of its own, for a test that kills it.
const [path = "", workDirectory = "", request = ""] = process.argv.slice(2);
await convert({
  source: fileSource(path),
  conversion: ConversionRequest.parse(JSON.parse(request)),
  sink: new MemoryStore().sink,
  workDirectory,
  binaries,
  signal: new AbortController().signal,
  deadline: new Date(Date.now() + 120_000),
  onProgress: () => undefined,
});
