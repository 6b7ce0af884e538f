import { stateDirectory } from "./paths.ts";
import { runDev } from "./run-dev.ts";

// The whole system on this machine; its state is kept in `.local/`.
await runDev({ directory: stateDirectory });
