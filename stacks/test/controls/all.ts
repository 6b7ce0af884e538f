import type { Control } from "./control.ts";
import { databaseControls } from "./database.ts";
import { edgeControls } from "./edge.ts";
import { functionControls } from "./functions.ts";
import { identityControls } from "./identity.ts";
import { networkControls } from "./network.ts";
import { recoveryControls } from "./recovery.ts";
import { storageControls } from "./storage.ts";

/** AWS's are named as AWS names them, ours `own.…`. */
export const controls: readonly Control[] = [
  ...storageControls,
  ...databaseControls,
  ...functionControls,
  ...identityControls,
  ...networkControls,
  ...edgeControls,
  ...recoveryControls,
];
