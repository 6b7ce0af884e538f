import { Link, Outlet, useLocation, useMatches } from "@tanstack/react-router";
import { useEffect, useRef } from "react";
import { announcement } from "../lib/announce.ts";
import { online } from "../lib/online.ts";
import { useStore } from "../lib/store.ts";
import { config } from "../session/config.ts";
import { openSession, session } from "../session/session.ts";
import { text } from "../text.ts";
import { Button } from "../ui/button.tsx";
import { Message, Placeholder } from "../ui/message.tsx";
import { DropTarget } from "./drop-target.tsx";
import { NotFound } from "./fallbacks.tsx";
import { SignIn } from "./sign-in.tsx";

/** What stands around every page. */
export function Shell() {
  const main = useRef<HTMLElement>(null);
  const { pathname } = useLocation();
  const shown = useRef(pathname);
  useEffect(() => {
    if (shown.current === pathname) return;
    shown.current = pathname;
    // A new page begins at its top, for eyes and for screen readers.
    scrollTo(0, 0);
    main.current?.focus();
  }, [pathname]);
  return (
    <>
      <a
        href="#main"
        className="button button-main sr-only focus:not-sr-only focus:fixed focus:start-3 focus:top-3 focus:z-50"
      >
        {text.skip}
      </a>
      <Header />
      <OfflineNotice />
      <main
        ref={main}
        id="main"
        tabIndex={-1}
        className="mx-auto w-full max-w-4xl px-4 pt-6 pb-24 outline-none sm:px-6 sm:pt-10"
      >
        <Content />
      </main>
      <footer className="px-4 pb-6 text-center text-sm sm:hidden">
        <a href="/docs/" className="link inline-flex min-h-11 items-center">
          {text.nav.reference}
        </a>
      </footer>
      <LiveRegion />
      <DropTarget />
    </>
  );
}

function Header() {
  const { status } = useStore(session);
  return (
    <header className="border-b border-line bg-card">
      <div className="mx-auto flex max-w-4xl flex-wrap items-center gap-x-1 px-2 py-1 sm:px-4">
        <Link
          to="/"
          className="me-auto flex min-h-11 items-center gap-2 rounded-lg px-2 text-lg font-bold"
          aria-label={text.brand}
        >
          <img src="/icon.svg" alt="" width={26} height={26} />
          <span className="max-[22rem]:sr-only">{text.brand}</span>
        </Link>
        <nav aria-label={text.nav.label} className="flex flex-wrap text-[0.95rem]">
          {status === "signed-in" && (
            <>
              <NavLink to="/">{text.nav.convert}</NavLink>
              <NavLink to="/history" around={/^\/(jobs|files|batches)\b/}>
                {text.nav.history}
              </NavLink>
              <NavLink to="/account" around={/^\/admin\b/}>
                {text.nav.account}
              </NavLink>
            </>
          )}
          <a href="/docs/" className={`${navClass} max-sm:hidden`}>
            {text.nav.reference}
          </a>
        </nav>
      </div>
    </header>
  );
}

const navClass = "flex min-h-11 items-center rounded-lg px-2.5 hover:bg-sunken sm:px-3";

/** `around`: pages that are reached by it and have no entry of their own. */
function NavLink({
  to,
  around,
  children,
}: {
  to: "/" | "/history" | "/account";
  around?: RegExp;
  children: string;
}) {
  const { pathname } = useLocation();
  const isAround = around?.test(pathname) === true;
  return (
    <Link
      to={to}
      activeOptions={{ exact: true, includeSearch: false }}
      className={navClass}
      inactiveProps={isAround ? { className: "font-semibold text-accent", "aria-current": true } : {}}
      activeProps={{ className: "font-semibold text-accent", "aria-current": "page" }}
    >
      {children}
    </Link>
  );
}

function OfflineNotice() {
  const isOnline = useStore(online);
  return (
    <div role="status">
      {!isOnline && (
        <p className="bg-warn-tint px-4 py-2 text-center text-sm font-medium text-warn">{text.offline}</p>
      )}
    </div>
  );
}

function Content() {
  const { status } = useStore(session);
  const { isOfRecord = false, isPublic = false } = useMatches().at(-1)?.staticData ?? {};
  if (status === "signed-in" || (status === "signed-out" && isPublic))
    return isOfRecord && !config().hasRecord ? <NotFound /> : <Outlet />;
  if (status === "starting") return <Placeholder label={text.starting} />;
  if (status === "signed-out") return <SignIn />;
  return (
    <Message level={1} heading={text.failedStart.heading} body={text.failedStart.body}>
      <Button look="main" onClick={() => void openSession()}>
        {text.tryAgain}
      </Button>
    </Message>
  );
}

function LiveRegion() {
  return (
    <p id="live" role="status" aria-live="polite" className="sr-only">
      {useStore(announcement)}
    </p>
  );
}
