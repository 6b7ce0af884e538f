import type { Share } from "@t2m/contract/files";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useId, useState } from "react";
import { announce } from "../lib/announce.ts";
import { dateTimeText, untilText } from "../lib/format.ts";
import { problemText } from "../lib/problem.ts";
import { record } from "../record/client.ts";
import { Asked } from "../record/parts.tsx";
import { client } from "../session/client.ts";
import { recordText } from "../text-record.ts";
import { Button } from "../ui/button.tsx";
import { SelectField } from "../ui/fields.tsx";
import { Problem } from "../ui/message.tsx";

const texts = recordText.shares;

/** Links for people without an account: made, seen, ended. */
export function Shares({ fileId }: { fileId: string }) {
  const queries = useQueryClient();
  const [expiresInSeconds, setExpiresIn] = useState<number>(86_400);
  const key = ["files", fileId, "shares"];
  const again = () => queries.invalidateQueries({ queryKey: key });
  const question = useQuery({
    queryKey: key,
    queryFn: ({ signal }) => record.listShares({ params: { fileId }, signal }),
  });
  const share = useMutation({
    mutationFn: () => client.shareFile({ params: { fileId }, body: { expiresInSeconds } }),
    onSuccess: again,
  });
  const revoke = useMutation({
    mutationFn: (shareId: string) => client.revokeShare({ params: { fileId, shareId } }),
    onSuccess: (_, shareId) => {
      if (share.data?.share.id === shareId) share.reset();
      return again();
    },
  });
  const failure = share.error ?? revoke.error;
  return (
    <section className="grid gap-3">
      <h2 className="text-lg font-semibold">{texts.heading}</h2>
      <div className="card grid gap-4 p-4">
        <div className="flex flex-wrap items-end gap-3">
          <SelectField
            label={texts.lifetime}
            value={expiresInSeconds}
            choices={texts.lifetimes}
            onChange={setExpiresIn}
          />
          <Button look="main" disabled={share.isPending} onClick={() => share.mutate()}>
            {texts.make}
          </Button>
        </div>
        <p className="text-sm text-soft">{texts.hint}</p>
        {share.data && <NewLink token={share.data.token} />}
        {failure && <Problem>{problemText(failure)}</Problem>}
      </div>
      <Asked question={question} rows={1}>
        {({ items }) => <List shares={items.filter(isOpen)} onRevoke={(id) => revoke.mutate(id)} />}
      </Asked>
    </section>
  );
}

const isOpen = ({ revokedAt, expiresAt }: Share) =>
  revokedAt === undefined && Date.parse(expiresAt) > Date.now();

/** The link is told this once. */
function NewLink({ token }: { token: string }) {
  const linkId = useId();
  const [isCopied, setCopied] = useState(false);
  // Behind the number sign: it is no part of what browsers ask servers for and tell other sites.
  const link = new URL(`/shared#${token}`, location.origin).href;
  const copy = async () => {
    await navigator.clipboard.writeText(link);
    setCopied(true);
    announce(texts.copied);
  };
  return (
    <div className="grid gap-1">
      <label htmlFor={linkId} className="text-sm font-medium">
        {texts.link}
      </label>
      <div className="flex flex-wrap gap-3">
        <input
          id={linkId}
          readOnly
          value={link}
          className="field min-w-0 grow basis-52"
          onFocus={({ target }) => target.select()}
        />
        <Button onClick={() => void copy().catch(() => document.getElementById(linkId)?.focus())}>
          {isCopied ? texts.copied : texts.copy}
        </Button>
      </div>
      <p className="text-sm text-soft">{texts.once}</p>
    </div>
  );
}

function List({ shares, onRevoke }: { shares: readonly Share[]; onRevoke: (id: string) => void }) {
  if (shares.length === 0) return <p className="text-soft">{texts.none}</p>;
  return (
    <ul aria-label={texts.list} className="card divide-y divide-line">
      {shares.map(({ id, createdAt, expiresAt, openedCount }) => (
        <li key={id} className="flex flex-wrap items-center gap-2 px-4 py-3">
          <p className="me-auto tabular-nums">
            {texts.made(dateTimeText(createdAt))}{" "}
            <span className="text-sm text-soft">
              {texts.ends(untilText(expiresAt))} · {texts.opened(openedCount)}
            </span>
          </p>
          <Button small look="bad" about={texts.made(dateTimeText(createdAt))} onClick={() => onRevoke(id)}>
            {texts.revoke}
          </Button>
        </li>
      ))}
    </ul>
  );
}
