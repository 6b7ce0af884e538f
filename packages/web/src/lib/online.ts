import { createStore } from "./store.ts";

/** Whether the browser believes that there is a network. */
export const online = createStore(navigator.onLine);
for (const type of ["online", "offline"]) addEventListener(type, () => online.set(navigator.onLine));
