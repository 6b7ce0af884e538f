import { join, resolve } from "node:path";

const root = resolve(import.meta.dirname, "../../../..");

/** Where the development stack keeps its state. */
export const stateDirectory = join(root, ".local");
