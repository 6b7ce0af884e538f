import { stateDirectory } from "./paths.ts";
import { runServe } from "./run-serve.ts";

// The development stack for another program; run-serve.ts says how the two talk.
await runServe(stateDirectory);
