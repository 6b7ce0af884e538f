import { useLocation } from "@tanstack/react-router";
import { useState } from "react";
import { useStore } from "../lib/store.ts";
import { session, signIn } from "../session/session.ts";
import { text } from "../text.ts";
import { Button } from "../ui/button.tsx";
import { Problem } from "../ui/message.tsx";
import { useTitle } from "./use-title.ts";

/** What someone sees who is not signed in: at home what this is, elsewhere why there is nothing to see yet. */
export function SignIn() {
  const { pathname } = useLocation();
  const state = useStore(session);
  const [isLeaving, setLeaving] = useState(false);
  const isHome = pathname === "/";
  useTitle(isHome ? undefined : text.signIn.under);
  const notice = state.status === "signed-out" ? state.notice : undefined;
  const leave = () => {
    setLeaving(true);
    void signIn().finally(() => setLeaving(false));
  };
  return (
    <div className="mx-auto max-w-2xl py-6 text-center sm:py-14">
      <h1 className="text-3xl font-bold tracking-tight text-balance sm:text-5xl" tabIndex={-1}>
        {isHome ? text.signIn.heading : text.signIn.under}
      </h1>
      <p className="mx-auto mt-4 max-w-lg text-lg text-pretty text-soft">
        {isHome ? text.signIn.lead : text.signIn.needed}
      </p>
      {notice && (
        <div className="mt-6">
          <Problem>{notice}</Problem>
        </div>
      )}
      <Button look="main" className="mt-8 min-w-44 text-lg" onClick={leave} disabled={isLeaving}>
        {text.signIn.button}
      </Button>
      {isHome && (
        <ul className="mt-12 grid gap-4 text-start sm:grid-cols-3">
          {text.signIn.points.map(([heading, body]) => (
            <li key={heading} className="card p-4">
              <h2 className="font-semibold">{heading}</h2>
              <p className="mt-1 text-sm text-soft">{body}</p>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
