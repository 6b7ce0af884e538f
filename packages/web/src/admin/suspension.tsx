import type { Profile } from "@t2m/contract/people";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { announce } from "../lib/announce.ts";
import { dateTimeText } from "../lib/format.ts";
import { problemText } from "../lib/problem.ts";
import { useMe } from "../record/me.ts";
import { client } from "../session/client.ts";
import { recordText } from "../text-record.ts";
import { Button } from "../ui/button.tsx";
import { Confirm } from "../ui/confirm.tsx";
import { Problem } from "../ui/message.tsx";

const texts = recordText.admin;

/** Keeps somebody out, or lets them in again. Nobody does that to themselves. */
export function Suspension({ profile: { id: userId, suspendedAt } }: { profile: Profile }) {
  const queries = useQueryClient();
  const { data: me } = useMe();
  const [isAsking, setAsking] = useState(false);
  const change = useMutation({
    mutationFn: (isSuspended: boolean) => client.setSuspension({ params: { userId }, body: { isSuspended } }),
    onSuccess: () => {
      announce(texts.changed);
      return queries.invalidateQueries({ queryKey: ["admin"] });
    },
  });
  if (!me?.permissions.includes("admin.manage") || me.id === userId) return null;
  return (
    <section className="grid gap-3">
      <h2 className="text-lg font-semibold">{texts.suspension}</h2>
      <div className="card flex flex-wrap items-center gap-3 p-4">
        <p className="me-auto min-w-0 grow basis-64">
          {suspendedAt ? texts.suspendedSince(dateTimeText(suspendedAt)) : texts.suspensionHint}
        </p>
        {suspendedAt ? (
          <Button disabled={change.isPending} onClick={() => change.mutate(false)}>
            {texts.reinstate}
          </Button>
        ) : (
          <Button look="bad" disabled={change.isPending} onClick={() => setAsking(true)}>
            {texts.suspend}
          </Button>
        )}
        {change.error && <Problem>{problemText(change.error)}</Problem>}
      </div>
      {isAsking && (
        <Confirm
          heading={texts.suspendHeading}
          body={texts.suspensionHint}
          action={texts.suspend}
          onClose={() => setAsking(false)}
          onConfirm={() => change.mutate(true)}
        />
      )}
    </section>
  );
}
