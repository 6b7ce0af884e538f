import { useMutation } from "@tanstack/react-query";
import { useId, useState } from "react";
import { dateTimeText } from "../lib/format.ts";
import { downloadFrom } from "../lib/leave.ts";
import { problemText } from "../lib/problem.ts";
import { client } from "../session/client.ts";
import { signOut } from "../session/session.ts";
import { text } from "../text.ts";
import { recordText } from "../text-record.ts";
import { Button } from "../ui/button.tsx";
import { Dialog } from "../ui/dialog.tsx";
import { Problem } from "../ui/message.tsx";

const texts = recordText.account;

/** To take along all that is recorded of oneself, and to have it all deleted. */
export function OwnData() {
  const [isAsking, setAsking] = useState(false);
  const take = useMutation({
    mutationFn: () => client.exportMyData(),
    onSuccess: ({ url }) => downloadFrom(url),
  });
  return (
    <section className="grid gap-3">
      <h2 className="text-lg font-semibold">{texts.ownData}</h2>
      <div className="card divide-y divide-line">
        <div className="flex flex-wrap items-center gap-3 p-4">
          <p className="me-auto min-w-0 basis-64 grow">{texts.exportHint}</p>
          <Button disabled={take.isPending} onClick={() => take.mutate()}>
            {texts.export}
          </Button>
          {take.error && <Problem>{problemText(take.error)}</Problem>}
        </div>
        <div className="flex flex-wrap items-center gap-3 p-4">
          <p className="me-auto min-w-0 basis-64 grow">{texts.deleteHint}</p>
          <Button look="bad" onClick={() => setAsking(true)}>
            {texts.delete}
          </Button>
        </div>
      </div>
      {isAsking && <DeleteAccount onClose={() => setAsking(false)} />}
    </section>
  );
}

/** Nothing brings an account back, so a click alone is not enough. */
function DeleteAccount({ onClose }: { onClose: () => void }) {
  const wordsId = useId();
  const [words, setWords] = useState("");
  const remove = useMutation({
    mutationFn: () => client.deleteMe(),
    onSuccess: ({ doneBy }) => signOut(texts.deleted(dateTimeText(doneBy))),
  });
  const isSure = words.trim().toLowerCase() === texts.deleteWords;
  return (
    <Dialog isAlert heading={texts.deleteHeading} onClose={onClose}>
      <form
        className="grid gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          if (isSure) remove.mutate();
        }}
      >
        <p>{texts.deleteBody}</p>
        <div className="grid gap-1">
          <label htmlFor={wordsId} className="font-medium">
            {texts.typeWords}
          </label>
          <input
            id={wordsId}
            autoComplete="off"
            className="field w-full"
            value={words}
            onChange={({ target }) => setWords(target.value)}
          />
        </div>
        {remove.error && <Problem>{problemText(remove.error)}</Problem>}
        <div className="flex flex-wrap justify-end gap-3">
          <Button onClick={onClose}>{text.cancel}</Button>
          <Button type="submit" look="bad" disabled={!isSure || remove.isPending}>
            {texts.delete}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
