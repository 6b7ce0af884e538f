import type { Given } from "../rows/actions.ts";
import { filesOfDrop } from "../rows/given.ts";

type Ears = {
  /** Files are held over the window, or no more. */
  onOver: (isOver: boolean) => void;
  onGiven: (given: Promise<readonly Given[]>) => void;
};

/** Listens on the whole window for files that are dropped or pasted, until the signal aborts. */
export function listenForFiles({ onOver, onGiven }: Ears, signal: AbortSignal): void {
  // Entering a child of what was entered before says "leave" for the parent: they are counted.
  let depth = 0;
  const on = (type: "dragenter" | "dragleave" | "dragover" | "drop", hear: (event: DragEvent) => void) =>
    addEventListener(type, hear, { signal });
  on("dragenter", (event) => {
    if (!filesIn(event)) return;
    depth++;
    onOver(true);
  });
  on("dragleave", (event) => {
    // To no element at all: they have left the window.
    depth = event.relatedTarget === null ? 0 : Math.max(0, depth - 1);
    if (depth === 0) onOver(false);
  });
  on("dragover", (event) => {
    const files = filesIn(event);
    if (!files) return;
    event.preventDefault();
    files.dropEffect = "copy";
  });
  on("drop", (event) => {
    depth = 0;
    onOver(false);
    const files = filesIn(event);
    if (!files) return;
    event.preventDefault();
    onGiven(filesOfDrop(files));
  });
  addEventListener("paste", (event) => hearPaste(event, onGiven), { signal });
}

function hearPaste({ clipboardData }: ClipboardEvent, onGiven: Ears["onGiven"]): void {
  const files = [...(clipboardData?.files ?? [])];
  if (files.length > 0) onGiven(Promise.resolve(files.map((file) => ({ file }))));
}

const filesIn = ({ dataTransfer }: DragEvent) =>
  dataTransfer?.types.includes("Files") ? dataTransfer : undefined;
