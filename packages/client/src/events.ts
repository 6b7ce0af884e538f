import { finalStatuses, JobEvent, JobProgress, type JobStatus } from "@t2m/contract/jobs";
import { createParser, type EventSourceMessage } from "eventsource-parser";
import { sleep } from "./backoff.ts";
import type { ReplyOf } from "./call.ts";
import { ApiProblem, Unreachable } from "./problem.ts";
import type { Send } from "./send.ts";

export type JobUpdate =
  | { type: "event"; event: JobEvent }
  | { type: "progress"; status: JobStatus; percent: number };

type Api = {
  send: Send;
  getJob(call: { params: { jobId: string }; signal?: AbortSignal }): Promise<ReplyOf<"getJob">>;
};
type Call = { params: { jobId: string }; signal?: AbortSignal; after?: number };

// The server says something at least every quarter of a minute; silence for longer is a dead connection.
const silentForMs = 30_000;
const reconnectAfterMs = 250;
const pollEveryMs = 1_000;
/** Streams in a row that bring nothing: something on the way does not let them through. */
const vainStreams = 2;

/**
 * A job's events from sequence number `after` on, and percentages between them, until the job has ended.
 * A broken stream is taken up after the last event, so none is lost and none comes twice. Where streams do not
 * get through at all, the job is polled instead: then come percentages and states, and no events.
 */
export async function* streamJob(
  api: Api,
  { params, signal, after = 0 }: Call,
): AsyncGenerator<JobUpdate, void> {
  let last = after;
  for (let vain = 0; vain < vainStreams; ) {
    vain++;
    for await (const message of connect(api, { params, last, ...(signal && { signal }) })) {
      vain = 0;
      const update = updateOf(message);
      if (!update) continue;
      if (update.type === "event") {
        if (update.event.sequence <= last) continue;
        last = update.event.sequence;
      }
      yield update;
      if (update.type === "event" && finalStatuses.includes(update.event.status)) return;
    }
    await sleep(reconnectAfterMs, signal);
  }
  yield* poll(api, params, signal);
}

async function* poll(
  api: Api,
  params: Call["params"],
  signal?: AbortSignal,
): AsyncGenerator<JobUpdate, void> {
  for (;;) {
    const { status, percent } = await api.getJob({ params, ...(signal && { signal }) });
    yield { type: "progress", status, percent };
    if (finalStatuses.includes(status)) return;
    await sleep(pollEveryMs, signal);
  }
}

/** The messages of one connection; ends when it does, however it does. Throws refusals and the signal's reason. */
async function* connect(
  { send }: Api,
  { params, last, signal }: { params: Call["params"]; last: number; signal?: AbortSignal },
): AsyncGenerator<EventSourceMessage, void> {
  const closing = new AbortController();
  try {
    const response = await send("streamJob", {
      params,
      headers: { accept: "text/event-stream", ...(last > 0 && { "last-event-id": String(last) }) },
      signal: signal ? AbortSignal.any([signal, closing.signal]) : closing.signal,
    });
    const isStream = response.headers.get("content-type")?.startsWith("text/event-stream");
    if (isStream && response.body) yield* messagesOf(response.body);
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof ApiProblem && error.status < 500) throw error;
    if (!(error instanceof ApiProblem || error instanceof Unreachable || error instanceof Broken))
      throw error;
  } finally {
    closing.abort();
  }
}

class Broken extends Error {}

async function* messagesOf(body: ReadableStream<Uint8Array>): AsyncGenerator<EventSourceMessage, void> {
  const messages: EventSourceMessage[] = [];
  const parser = createParser({ onEvent: (message) => messages.push(message) });
  const decoder = new TextDecoder();
  const reader = body.getReader();
  for (;;) {
    const { done, value } = await inTime(reader.read());
    if (done) return;
    parser.feed(decoder.decode(value, { stream: true }));
    yield* messages.splice(0);
  }
}

async function inTime<T>(reading: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const silence = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Broken("silent")), silentForMs);
  });
  try {
    return await Promise.race([
      reading.catch((cause) => Promise.reject(new Broken("broken", { cause }))),
      silence,
    ]);
  } finally {
    clearTimeout(timer);
  }
}

/** A message with an id is a fact, one without is a percentage. What we cannot read is left out. */
function updateOf({ id, data }: EventSourceMessage): JobUpdate | undefined {
  const json = jsonOf(data);
  if (id) {
    const event = JobEvent.safeParse(json);
    return event.success ? { type: "event", event: event.data } : undefined;
  }
  const progress = JobProgress.safeParse(json);
  return progress.success ? { type: "progress", ...progress.data } : undefined;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
