import { RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { router } from "./app/router.tsx";
import { keepTitle } from "./app/title.ts";
import { guardLeaving } from "./lib/leave.ts";
import { loadPresets } from "./presets/list.ts";
import { stopAll } from "./rows/engine.ts";
import { restoreRows } from "./rows/restore.ts";
import { anySending, emptyRows } from "./rows/rows.ts";
import { holdTab } from "./rows/saved.ts";
import { keepSummary } from "./rows/summary.ts";
import { openSession, session } from "./session/session.ts";

holdTab();
keepSummary();
keepTitle();

const restoreAgainMs = 5_000;
let person: string | undefined;
session.subscribe(() => {
  const state = session.get();
  const now = state.status === "signed-in" ? state.person.subject : undefined;
  if (now === person) return;
  person = now;
  stopAll();
  emptyRows();
  if (now !== undefined) void restoreWhenPossible(now);
});

/** The service may be away when the page is opened. */
async function restoreWhenPossible(whose: string): Promise<void> {
  while (person === whose) {
    try {
      return await restoreRows(whose);
    } catch {
      await new Promise((resolve) => setTimeout(resolve, restoreAgainMs));
    }
  }
}

guardLeaving(anySending);

const root = document.getElementById("root");
if (!root) throw new Error("The page has no #root");
createRoot(root).render(
  <StrictMode>
    <RouterProvider router={router} />
  </StrictMode>,
);

const cameFrom = await openSession();
void loadPresets();
if (cameFrom) router.history.replace(cameFrom);
