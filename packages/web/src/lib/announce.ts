import { text } from "../text.ts";
import { createStore } from "./store.ts";

/** What the page's live region says to those who cannot see it. */
export const announcement = createStore("");

const gatherMs = 400;
let waiting: string[] = [];

/** Says something politely. What comes together is said together, so that fifty files are not fifty sentences. */
export function announce(sentence: string): void {
  waiting.push(sentence);
  if (waiting.length > 1) return;
  setTimeout(() => {
    announcement.set(waiting.length > 3 ? text.announce.several(waiting.length) : waiting.join(". "));
    waiting = [];
  }, gatherMs);
}

/** What came of files that were given, where nothing of it can be seen in the list. */
export const notice = createStore("");
