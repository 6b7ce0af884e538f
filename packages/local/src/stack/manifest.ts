import { api } from "@t2m/contract/api";
import type { Bucket } from "@t2m/contract/keys";
import type { Route } from "@t2m/contract/route";
import { functions, http, objectTriggers, schedules, streamTriggers } from "@t2m/functions/manifest";
import type { FunctionSpec } from "@t2m/functions/manifest/spec";

/** What a stack runs. The system's own is `manifest`; tests give smaller ones with tiny handlers. */
export type Manifest = {
  functions: Readonly<Record<string, Omit<FunctionSpec, "grants">>>;
  /** Each route with the function that answers it. */
  routes: readonly { route: Route; function: string }[];
  objectTriggers: readonly { bucket: Bucket; prefix: string; function: string }[];
  streamTriggers: readonly StreamTrigger[];
  schedules: readonly { function: string; everyMinutes: number }[];
  /** Where the handlers lie; the functions package where absent. */
  sourceDirectory?: string;
};

export type StreamTrigger = {
  function: string;
  events: readonly ("INSERT" | "MODIFY" | "REMOVE")[];
  entities: readonly string[];
  batchSize: number;
  retries: number;
};

export const manifest: Manifest = {
  functions,
  routes: Object.entries(api).map(([operation, { route }]) => {
    const name = Object.entries(http).find(([answered]) => answered === operation)?.[1];
    if (!name) throw new Error(`No function answers ${operation}`);
    return { route, function: name };
  }),
  objectTriggers,
  streamTriggers,
  schedules,
};
