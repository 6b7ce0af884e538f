import { text } from "../text.ts";
import { Button } from "./button.tsx";
import { Dialog } from "./dialog.tsx";

/** Asks before something is done that cannot be taken back, or that somebody else feels. */
export function Confirm({
  heading,
  body,
  action,
  keep = text.cancel,
  onClose,
  onConfirm,
}: {
  heading: string;
  body: string;
  /** What it is called to do it, and not to. */
  action: string;
  keep?: string;
  onClose: () => void;
  onConfirm: () => void;
}) {
  const confirm = () => {
    onClose();
    onConfirm();
  };
  return (
    <Dialog isAlert heading={heading} onClose={onClose}>
      <p>{body}</p>
      <div className="mt-5 flex flex-wrap justify-end gap-3">
        <Button onClick={onClose}>{keep}</Button>
        <Button look="bad" onClick={confirm}>
          {action}
        </Button>
      </div>
    </Dialog>
  );
}
