import { fork } from "node:child_process";
import { join } from "node:path";
import { fillRecord } from "@t2m/local/testing/fill";
import postgres from "postgres";
import { messageOf } from "./child.ts";
import { quantile, watched } from "./quiet.ts";
import type { Finding, Section } from "./report.ts";
import { type BenchStack, startBenchStack } from "./stack.ts";

const jobs = 1_000_000;
const people = 1_000;

/** What the measuring process is asked for, by message. */
export type Question = "history" | "lag";
/** Milliseconds of pages, side by side. */
export type HistoryTimes = { route: number[]; module: number[]; bare: number[] };
/** Milliseconds from DynamoDB's answer to the row in Postgres; `lost` were still not there half a minute later, `errors` not made. */
export type LagTimes = { lags: number[]; lost: number; errors: number; perSecond: number };

/** Pages of somebody's history and the projector's lag, in a record of a million jobs. */
export async function measure(): Promise<Section> {
  const stack = await startBenchStack({ hasPostgres: true });
  try {
    await fill(stack);
    const { apiUrl, token, userId, databaseUrl = "" } = stack;
    // A process of its own: what core knows of its environment it keeps, and another section may have been first.
    const child = fork(join(import.meta.dirname, "record-child.ts"), [apiUrl, token, userId], {
      env: { ...process.env, ...stack.environment, T2M_DATABASE_URL: databaseUrl },
    });
    const history = await asked<HistoryTimes>(child, "history");
    const lag = await asked<LagTimes>(child, "lag");
    child.disconnect();
    return {
      title: "The record",
      about: `In a record of ${jobs} jobs: pages of 50 of one who has a tenth of them, from anywhere in their history, by the route, by the module alone and by its two statements alone (median); and ${lag.answer.perSecond.toFixed(0)} events a second (open loop), with a change of their job for every fourth, from DynamoDB's answer to the event's row in Postgres.`,
      findings: [...historyFindings(history), ...lagFindings(lag)],
    };
  } finally {
    stack.stop();
  }
}

type Asked<T> = { answer: T; note: string };

async function asked<T>(child: ReturnType<typeof fork>, question: Question): Promise<Asked<T>> {
  let answer: T | undefined;
  const { quiet } = await watched(async () => {
    child.send(question);
    answer = await messageOf<T>(child);
  });
  if (answer === undefined) throw new Error("the measuring process said nothing");
  return { answer, note: quiet ? "quiet" : "not quiet: indicative only" };
}

function historyFindings({ answer, note }: Asked<HistoryTimes>): Finding[] {
  const { route, module, bare } = answer;
  const p50 = (times: readonly number[]) => quantile(times, 0.5);
  const p99 = (times: readonly number[]) => quantile(times, 0.99);
  return [
    {
      what: "history page ÷ bare SQL, p50",
      value: p50(module) / p50(bare),
      unit: "×",
      goal: { atMost: 2 },
      note: `${p50(module).toFixed(2)} ms against ${p50(bare).toFixed(2)} ms, ${note}`,
    },
    {
      what: "history page ÷ bare SQL, p99",
      value: p99(module) / p99(bare),
      unit: "×",
      note: `${p99(module).toFixed(2)} ms against ${p99(bare).toFixed(2)} ms`,
    },
    { what: "history page by the route, p50", value: p50(route), unit: "ms" },
    { what: "history page by the route, p99", value: p99(route), unit: "ms", goal: { atMost: 100 } },
  ];
}

function lagFindings({ answer, note }: Asked<LagTimes>): Finding[] {
  return [
    { what: "projector's lag, p50", value: quantile(answer.lags, 0.5), unit: "ms", note },
    { what: "projector's lag, p99", value: quantile(answer.lags, 0.99), unit: "ms", goal: { atMost: 1_000 } },
    { what: "events that did not arrive", value: answer.lost, unit: "", goal: { atMost: 0 } },
    { what: "events that could not be made", value: answer.errors, unit: "", goal: { atMost: 0 } },
  ];
}

/** Only what the history reads. */
async function fill({ databaseUrl = "", userId }: BenchStack): Promise<void> {
  const sql = postgres(databaseUrl, { max: 1, onnotice: () => {} });
  await fillRecord(sql, {
    jobs,
    users: people,
    eventsPerJob: 0,
    firstUserId: userId,
    tables: ["people", "batches", "jobs", "outputs"],
  });
  await sql.end();
}
