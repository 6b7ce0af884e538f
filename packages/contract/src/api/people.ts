import type { Operation } from "../api.ts";
import { pageOf } from "../page.ts";
import { AccountDeletion, ActivityPage, DataExport, Profile, Session, Statistics } from "../people.ts";
import * as people from "../routes/people.ts";

export const peopleOperations = {
  getMe: {
    route: people.getMe,
    summary: "Who you are here and what you may do",
    status: 200,
    response: Profile,
    errors: [],
  },
  changeMe: {
    route: people.changeMe,
    summary: "Change what you are called",
    status: 200,
    response: Profile,
    errors: [],
  },
  deleteMe: {
    route: people.deleteMe,
    summary: "Delete your account: files, jobs, records, all of it",
    status: 200,
    response: AccountDeletion,
    errors: [],
  },
  listSessions: {
    route: people.listSessions,
    summary: "Where you are signed in, newest first",
    status: 200,
    response: pageOf(Session),
    errors: [],
  },
  revokeSession: {
    route: people.revokeSession,
    summary: "End a session: within a minute its token is refused everywhere",
    status: 204,
    errors: ["not_found"],
  },
  listActivity: {
    route: people.listActivity,
    summary: "What was done in your account, newest first",
    status: 200,
    response: ActivityPage,
    errors: [],
  },
  getStatistics: {
    route: people.getStatistics,
    summary: "How much you use",
    status: 200,
    response: Statistics,
    errors: [],
  },
  exportMyData: {
    route: people.exportMyData,
    summary: "All that is recorded of you, as JSON behind a short-lived URL",
    status: 201,
    response: DataExport,
    errors: [],
  },
} as const satisfies Record<string, Operation>;
