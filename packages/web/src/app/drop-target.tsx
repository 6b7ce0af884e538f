import { useNavigate } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { notice } from "../lib/announce.ts";
import { addFiles, type Given } from "../rows/actions.ts";
import { filesOfDrop } from "../rows/given.ts";
import { session } from "../session/session.ts";
import { text } from "../text.ts";

/** The whole window takes files, by drop and by paste, on every page. */
export function DropTarget() {
  const [isOver, setOver] = useState(false);
  const navigate = useNavigate();
  useEffect(() => {
    const take = async (asked: Promise<readonly Given[]>) => {
      const given = await asked;
      if (session.get().status === "signed-out") {
        return session.set({ status: "signed-out", notice: text.signIn.dropped });
      }
      notice.set(given.length === 0 ? text.convert.noMedia : "");
      addFiles(given);
      await navigate({ to: "/" });
    };
    // Entering a child of what was entered before says "leave" for the parent: they are counted.
    let depth = 0;
    const holdsFiles = (event: DragEvent) => event.dataTransfer?.types.includes("Files") === true;
    const listeners = {
      dragenter: (event: DragEvent) => {
        if (!holdsFiles(event)) return;
        depth++;
        setOver(true);
      },
      dragleave: (event: DragEvent) => {
        // To no element at all: they have left the window.
        depth = event.relatedTarget === null ? 0 : Math.max(0, depth - 1);
        if (depth === 0) setOver(false);
      },
      dragover: (event: DragEvent) => {
        if (!holdsFiles(event) || !event.dataTransfer) return;
        event.preventDefault();
        event.dataTransfer.dropEffect = "copy";
      },
      drop: (event: DragEvent) => {
        depth = 0;
        setOver(false);
        if (!holdsFiles(event) || !event.dataTransfer) return;
        event.preventDefault();
        void take(filesOfDrop(event.dataTransfer));
      },
    };
    const paste = (event: ClipboardEvent) => {
      const files = [...(event.clipboardData?.files ?? [])];
      if (files.length > 0) void take(Promise.resolve(files.map((file) => ({ file }))));
    };
    for (const [type, listener] of Object.entries(listeners)) addEventListener(type as "drop", listener);
    addEventListener("paste", paste);
    return () => {
      for (const [type, listener] of Object.entries(listeners)) removeEventListener(type as "drop", listener);
      removeEventListener("paste", paste);
    };
  }, [navigate]);
  if (!isOver) return null;
  return (
    <div
      aria-hidden="true"
      className="pointer-events-none fixed inset-0 z-40 grid place-items-center bg-paper/85 p-6"
    >
      <p className="grid h-full w-full place-items-center rounded-3xl border-4 border-dashed border-accent bg-tint text-2xl font-bold">
        {text.convert.dropNow}
      </p>
    </div>
  );
}
