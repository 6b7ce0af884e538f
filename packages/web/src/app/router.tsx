import { createRootRoute, createRoute, createRouter, lazyRouteComponent } from "@tanstack/react-router";
import { ConvertPage } from "../convert/page.tsx";
import { Crashed, NotFound } from "./fallbacks.tsx";
import { Shell } from "./shell.tsx";

const root = createRootRoute({ component: Shell, notFoundComponent: NotFound });

const convert = createRoute({ getParentRoute: () => root, path: "/", component: ConvertPage });

const text = (value: unknown) => (typeof value === "string" && value !== "" ? value : undefined);

/** What the history is narrowed to stands in its address. */
export type HistorySearch = { q?: string; state?: string; kind?: string };

const history = createRoute({
  getParentRoute: () => root,
  path: "/history",
  validateSearch: (search): HistorySearch => {
    const [q, state, kind] = [text(search.q), text(search.state), text(search.kind)];
    return { ...(q && { q }), ...(state && { state }), ...(kind && { kind }) };
  },
  component: lazyRouteComponent(() => import("../history/page.tsx"), "HistoryPage"),
});

const job = createRoute({
  getParentRoute: () => root,
  path: "/jobs/$jobId",
  component: lazyRouteComponent(() => import("../job/page.tsx"), "JobPage"),
});

const account = createRoute({
  getParentRoute: () => root,
  path: "/account",
  component: lazyRouteComponent(() => import("../account/page.tsx"), "AccountPage"),
});

export const router = createRouter({
  routeTree: root.addChildren([convert, history, job, account]),
  defaultPreload: "intent",
  defaultErrorComponent: Crashed,
  defaultNotFoundComponent: NotFound,
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
