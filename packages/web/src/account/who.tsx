import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useId, useState } from "react";
import { announce } from "../lib/announce.ts";
import { problemText } from "../lib/problem.ts";
import { useStore } from "../lib/store.ts";
import { useMe } from "../record/me.ts";
import { client } from "../session/client.ts";
import { config } from "../session/config.ts";
import { session, signOut } from "../session/session.ts";
import { text } from "../text.ts";
import { recordText } from "../text-record.ts";
import { Button } from "../ui/button.tsx";
import { Problem } from "../ui/message.tsx";

/** Who is signed in. What they are called is theirs to say, once the record is there. */
export function Who() {
  const state = useStore(session);
  const { data: me } = useMe();
  const [isChanging, setChanging] = useState(false);
  if (state.status !== "signed-in") return null;
  const { person } = state;
  const [name, email] = [me?.name ?? person.name, me?.email ?? person.email];
  return (
    <section aria-label={text.account.who} className="card grid gap-4 p-4 sm:p-5">
      <div className="min-w-0">
        <p className="text-sm text-soft">{text.account.who}</p>
        <p className="text-lg font-semibold">
          <bdi>{name ?? email ?? text.account.unknown}</bdi>
        </p>
        {name && email && <p className="text-soft">{email}</p>}
      </div>
      <div className="flex flex-wrap gap-3">
        <Button onClick={() => signOut()}>{text.account.signOut}</Button>
        {config().hasRecord && (
          <Button disabled={!me} aria-expanded={isChanging} onClick={() => setChanging(!isChanging)}>
            {recordText.account.rename}
          </Button>
        )}
        {me?.permissions.includes("admin.read") && (
          <Link to="/admin" className="button button-plain">
            {recordText.admin.heading}
          </Link>
        )}
      </div>
      {isChanging && <Rename name={name ?? ""} onDone={() => setChanging(false)} />}
      <p className="text-sm text-soft">{text.account.signOutHint}</p>
    </section>
  );
}

function Rename({ name, onDone }: { name: string; onDone: () => void }) {
  const queries = useQueryClient();
  const nameId = useId();
  const [wanted, setWanted] = useState(name);
  const change = useMutation({
    mutationFn: () => client.changeMe({ body: { name: wanted.trim() } }),
    onSuccess: (me) => {
      queries.setQueryData(["me"], me);
      announce(recordText.account.renamed);
      onDone();
    },
  });
  return (
    <form
      className="grid gap-3"
      onSubmit={(event) => {
        event.preventDefault();
        change.mutate();
      }}
    >
      <div className="grid gap-1">
        <label htmlFor={nameId} className="text-sm font-medium">
          {recordText.account.name}
        </label>
        <div className="flex flex-wrap gap-3">
          <input
            id={nameId}
            // biome-ignore lint/a11y/noAutofocus: it has just been asked for
            autoFocus
            required
            maxLength={100}
            autoComplete="name"
            className="field min-w-0 grow basis-52"
            value={wanted}
            onChange={({ target }) => setWanted(target.value)}
          />
          <Button type="submit" look="main" disabled={change.isPending || wanted.trim() === ""}>
            {text.save}
          </Button>
        </div>
      </div>
      {change.error && <Problem>{problemText(change.error)}</Problem>}
    </form>
  );
}
