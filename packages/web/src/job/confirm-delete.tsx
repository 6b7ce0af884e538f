import { text } from "../text.ts";
import { Button } from "../ui/button.tsx";
import { Dialog } from "../ui/dialog.tsx";

/** Asks before something is deleted for good. */
export function ConfirmDelete({
  body,
  onClose,
  onDelete,
}: {
  body: string;
  onClose: () => void;
  onDelete: () => void;
}) {
  const remove = () => {
    onClose();
    onDelete();
  };
  return (
    <Dialog isAlert heading={text.job.removeHeading} onClose={onClose}>
      <p>{body}</p>
      <div className="mt-5 flex flex-wrap justify-end gap-3">
        <Button onClick={onClose}>{text.cancel}</Button>
        <Button look="bad" onClick={remove}>
          {text.delete}
        </Button>
      </div>
    </Dialog>
  );
}
