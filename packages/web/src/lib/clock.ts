import { createStore } from "./store.ts";

const everyMs = 30_000;

/** Epoch milliseconds, often enough for what is told in minutes. Who reads it renders again as time goes on. */
export const clock = createStore(Date.now());
setInterval(() => clock.set(Date.now()), everyMs);
