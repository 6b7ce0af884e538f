import { randomUUID } from "node:crypto";
import { account } from "../names.ts";

export type Schedule = { function: string; everyMinutes: number };

export type Schedules = {
  /** Runs a schedule's function now; resolves when it has finished. @throws Error where there is no such schedule */
  runNow: (name: string) => Promise<void>;
  stop: () => void;
};

export type SchedulesOptions = {
  schedules: readonly Schedule[];
  region: string;
  /** Hands an event to a function and resolves when it is done with it. */
  invoke: (name: string, event: ScheduledEvent) => Promise<void>;
  /** Off, only `runNow` runs them: tests decide themselves when time has passed. */
  isTimed: boolean;
  log: (line: string) => void;
};

/** What EventBridge Scheduler sends where the schedule has no input of its own. */
export type ScheduledEvent = {
  version: "0";
  id: string;
  "detail-type": "Scheduled Event";
  source: "aws.scheduler";
  account: string;
  time: string;
  region: string;
  resources: readonly string[];
  detail: "{}";
};

/** A laptop's stack is rarely up for an hour: everything runs once soon after the start, then at its pace. */
const firstAfterSeconds = 20;

/** Runs functions by the clock. */
export function startSchedules({ schedules, region, invoke, isTimed, log }: SchedulesOptions): Schedules {
  const event = (name: string): ScheduledEvent => ({
    version: "0",
    id: randomUUID(),
    "detail-type": "Scheduled Event",
    source: "aws.scheduler",
    account,
    time: new Date().toISOString().replace(/\.\d+Z$/, "Z"),
    region,
    resources: [`arn:aws:scheduler:${region}:${account}:schedule/default/${name}`],
    detail: "{}",
  });
  const run = (name: string) => {
    invoke(name, event(name)).catch((error: unknown) =>
      log(`Schedule ${name} did not finish: ${String(error)}`),
    );
  };
  const timers = isTimed
    ? schedules.flatMap(({ function: name, everyMinutes }) => [
        setTimeout(run, firstAfterSeconds * 1000, name),
        setInterval(run, everyMinutes * 60_000, name),
      ])
    : [];
  return {
    runNow: async (name) => {
      if (!schedules.some((schedule) => schedule.function === name)) {
        throw new Error(`There is no schedule for ${name}`);
      }
      await invoke(name, event(name));
    },
    stop: () => {
      for (const timer of timers) clearTimeout(timer);
    },
  };
}
