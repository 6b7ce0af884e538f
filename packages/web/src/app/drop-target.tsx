import { useNavigate } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { notice } from "../lib/announce.ts";
import { addFiles, type Given } from "../rows/actions.ts";
import { session } from "../session/session.ts";
import { text } from "../text.ts";
import { listenForFiles } from "./given-files.ts";

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
    const stop = new AbortController();
    listenForFiles({ onOver: setOver, onGiven: (given) => void take(given) }, stop.signal);
    return () => stop.abort();
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
