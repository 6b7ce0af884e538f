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

/** What the list of files is narrowed to. */
export type FilesSearch = { q?: string; kind?: string };

const files = createRoute({
  getParentRoute: () => root,
  path: "/files",
  staticData: { isOfRecord: true },
  validateSearch: (search): FilesSearch => {
    const [q, kind] = [text(search.q), text(search.kind)];
    return { ...(q && { q }), ...(kind && { kind }) };
  },
  component: lazyRouteComponent(() => import("../files/page.tsx"), "FilesPage"),
});

const file = createRoute({
  getParentRoute: () => root,
  path: "/files/$fileId",
  staticData: { isOfRecord: true },
  component: lazyRouteComponent(() => import("../files/file-page.tsx"), "FilePage"),
});

/** For anybody who was given a link. */
const shared = createRoute({
  getParentRoute: () => root,
  path: "/shared",
  staticData: { isOfRecord: true, isPublic: true },
  component: lazyRouteComponent(() => import("../files/shared-page.tsx"), "SharedPage"),
});

const batches = createRoute({
  getParentRoute: () => root,
  path: "/batches",
  staticData: { isOfRecord: true },
  component: lazyRouteComponent(() => import("../batches/list-page.tsx"), "BatchesPage"),
});

const batch = createRoute({
  getParentRoute: () => root,
  path: "/batches/$batchId",
  staticData: { isOfRecord: true },
  component: lazyRouteComponent(() => import("../batches/page.tsx"), "BatchPage"),
});

const account = createRoute({
  getParentRoute: () => root,
  path: "/account",
  component: lazyRouteComponent(() => import("../account/page.tsx"), "AccountPage"),
});

const admin = createRoute({
  getParentRoute: () => root,
  path: "/admin",
  staticData: { isOfRecord: true },
  component: lazyRouteComponent(() => import("../admin/overview-page.tsx"), "AdminPage"),
});

const users = createRoute({
  getParentRoute: () => root,
  path: "/admin/users",
  staticData: { isOfRecord: true },
  validateSearch: (search): { q?: string } => {
    const q = text(search.q);
    return q ? { q } : {};
  },
  component: lazyRouteComponent(() => import("../admin/users-page.tsx"), "UsersPage"),
});

const user = createRoute({
  getParentRoute: () => root,
  path: "/admin/users/$userId",
  staticData: { isOfRecord: true },
  component: lazyRouteComponent(() => import("../admin/user-page.tsx"), "UserPage"),
});

const adminJobs = createRoute({
  getParentRoute: () => root,
  path: "/admin/jobs",
  staticData: { isOfRecord: true },
  validateSearch: (search): { state?: string; code?: string; user?: string } => {
    const [state, code, user] = [text(search.state), text(search.code), text(search.user)];
    return { ...(state && { state }), ...(code && { code }), ...(user && { user }) };
  },
  component: lazyRouteComponent(() => import("../admin/jobs-page.tsx"), "AdminJobsPage"),
});

export const router = createRouter({
  routeTree: root.addChildren([
    convert,
    history,
    job,
    files,
    file,
    shared,
    batches,
    batch,
    account,
    admin,
    users,
    user,
    adminJobs,
  ]),
  defaultPreload: "intent",
  defaultErrorComponent: Crashed,
  defaultNotFoundComponent: NotFound,
});

declare module "@tanstack/react-router" {
  interface StaticDataRouteOption {
    /** Not there where a stage keeps no record. */
    isOfRecord?: boolean;
    /** Also for who is not signed in. */
    isPublic?: boolean;
  }
  interface Register {
    router: typeof router;
  }
}
