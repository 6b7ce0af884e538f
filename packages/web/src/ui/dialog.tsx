import * as Ariakit from "@ariakit/react";
import type { ReactNode } from "react";
import { text } from "../text.ts";

/** A dialog that is open as long as it is rendered. `isAlert` for what cannot be taken back. */
export function Dialog({
  heading,
  onClose,
  isAlert = false,
  children,
}: {
  heading: string;
  onClose: () => void;
  isAlert?: boolean;
  children: ReactNode;
}) {
  return (
    <Ariakit.Dialog
      open
      onClose={onClose}
      role={isAlert ? "alertdialog" : "dialog"}
      backdrop={<div className="bg-shade/55" />}
      className="card fixed inset-x-0 top-[4vh] z-50 mx-auto max-h-[92vh] w-[calc(100%-1.5rem)] max-w-xl overflow-y-auto overscroll-contain p-5 shadow-xl sm:p-6"
    >
      <div className="mb-4 flex items-start gap-3">
        <Ariakit.DialogHeading className="me-auto min-w-0 text-xl font-semibold">
          {heading}
        </Ariakit.DialogHeading>
        <Ariakit.DialogDismiss
          aria-label={text.close}
          className="-me-2 -mt-1 grid size-11 shrink-0 place-items-center rounded-lg hover:bg-sunken"
        >
          <svg viewBox="0 0 24 24" aria-hidden="true" className="size-5 stroke-current stroke-2">
            <path strokeLinecap="round" d="M5 5l14 14M19 5L5 19" />
          </svg>
        </Ariakit.DialogDismiss>
      </div>
      {children}
    </Ariakit.Dialog>
  );
}
