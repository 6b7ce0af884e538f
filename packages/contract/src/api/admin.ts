import { FailureCounts, StorageUse, SupportJob, Throughput, UserUsage, WholeQueue } from "../admin.ts";
import type { Operation } from "../api.ts";
import { pageOf } from "../page.ts";
import { ActivityPage, Profile } from "../people.ts";
import * as admin from "../routes/admin.ts";

/** For people with a permission; others are told that it is not theirs. */
export const adminOperations = {
  listUsers: {
    route: admin.listUsers,
    summary: "Everybody, newest first",
    status: 200,
    response: pageOf(Profile),
    errors: [],
  },
  getUser: {
    route: admin.getUser,
    summary: "Somebody and how much they use",
    status: 200,
    response: UserUsage,
    errors: ["not_found"],
  },
  listUserActivity: {
    route: admin.listUserActivity,
    summary: "What was done in somebody's account",
    status: 200,
    response: ActivityPage,
    errors: ["not_found"],
  },
  changeAccess: {
    route: admin.changeAccess,
    summary: "Say what somebody may do",
    status: 200,
    response: Profile,
    errors: ["not_found"],
  },
  setSuspension: {
    route: admin.setSuspension,
    summary: "Keep somebody out, or let them in again; what they have under way comes to its end",
    status: 200,
    response: Profile,
    errors: ["not_found"],
  },
  listAllJobs: {
    route: admin.listAllJobs,
    summary: "Everybody's jobs, newest first, without names of files",
    status: 200,
    response: pageOf(SupportJob),
    errors: [],
  },
  cancelForUser: {
    route: admin.cancelForUser,
    summary: "Cancel somebody's job for them; they see it in their activity",
    status: 204,
    errors: ["not_found"],
  },
  listFailures: {
    route: admin.listFailures,
    summary: "Failed jobs by their code, most frequent first",
    status: 200,
    response: FailureCounts,
    errors: [],
  },
  getThroughput: {
    route: admin.getThroughput,
    summary: "Jobs by the hour",
    status: 200,
    response: Throughput,
    errors: [],
  },
  getStorageUse: {
    route: admin.getStorageUse,
    summary: "What is stored, by kind and by who stores most",
    status: 200,
    response: StorageUse,
    errors: [],
  },
  getWholeQueue: {
    route: admin.getWholeQueue,
    summary: "The queue of all",
    status: 200,
    response: WholeQueue,
    errors: [],
  },
} as const satisfies Record<string, Operation>;
