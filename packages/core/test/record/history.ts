import { randomUUID } from "node:crypto";
import type { Output } from "@t2m/contract/jobs";
import { ConversionRequest } from "@t2m/contract/presets";
import { cancelChange } from "@t2m/core/jobs/cancel";
import { eventItem } from "@t2m/core/jobs/change";
import { decideClaim } from "@t2m/core/jobs/claim";
import { newJob } from "@t2m/core/jobs/create";
import { advance } from "@t2m/core/jobs/graph";
import type { JobItem, StepItem } from "@t2m/core/jobs/items";
import { type Change, endAttempt, newSteps } from "@t2m/core/jobs/state";
import { hasEnded } from "@t2m/core/jobs/transitions";
import { marshall } from "@t2m/core/live/attributes";
import { uploadItemKey } from "@t2m/core/live/keys";
import { type StreamRecord, streamRecordOf } from "@t2m/core/record/stream-record";
import type { UploadItem } from "@t2m/core/uploads/item";
import { v7 } from "uuid";

/** What happens to a job, one after the other; what cannot happen in its state does not. */
export const acts = ["queue", "claim", "beat", "complete", "fail", "retry", "cancel"] as const;
export type Act = (typeof acts)[number];

type Item = { pk: string; sk: string; entity: string };

/** One item's changes in their order. */
export type Chain = StreamRecord[];

/** The stream records that a history makes, an item's by itself, and the items as they are at its end. */
export type History = { chains: Chain[]; items: Item[]; job: JobItem };

const mp3 = ConversionRequest.parse({ preset: "mp3" });

/**
 * A job's life as the engine's own rules make it, with its upload's: the changes that the live table's stream tells.
 * @param end how its items leave the table, if they do
 */
export function historyOf(
  lives: readonly Act[],
  {
    userId = randomUUID() as string,
    end = "kept" as "kept" | "expired" | "deleted",
    startMs = Date.now(),
  } = {},
): History {
  const uploadId = v7({ msecs: startMs });
  const times = { startMs, expiresAt: Math.floor(startMs / 1000) + 3_600 };
  const upload = uploadOf(userId, uploadId, times);
  const teller = new Teller(startMs);
  teller.put(upload);
  const whole: UploadItem = { ...upload, status: "completed", completedAt: iso(startMs + 1) };
  teller.put(whole);

  const input = { userId, uploadId, sourceName: "s\u0000ong \ud800.wav", conversion: mp3 };
  const made = newJob({ ...input, status: "waiting", expiresAt: times.expiresAt, now: new Date(startMs) });
  let job = made.item;
  let steps: StepItem[] = [];
  for (const write of made.writes) if ("put" in write) teller.put(write.put);
  for (const [index, act] of lives.entries()) {
    const nowMs = startMs + (index + 1) * 1_000;
    if (act === "beat") {
      job = beaten(job, nowMs);
      teller.put(job);
      continue;
    }
    const change = changeOf(act, job, steps, nowMs);
    if (!change) continue;
    for (const [place, event] of change.events.entries()) {
      teller.put(eventItem(job, event, job.version + place + 1, nowMs));
    }
    job = { ...change.job, version: job.version + change.events.length };
    teller.put(job);
    steps = [...steps.filter(({ step }) => !change.steps.some((one) => one.step === step)), ...change.steps];
  }
  if (end !== "kept") for (const item of [job, upload]) teller.remove(item, end === "expired");
  return { chains: [...teller.chains.values()], items: [...teller.items.values()], job };
}

class Teller {
  readonly chains = new Map<string, Chain>();
  readonly items = new Map<string, Item>();
  readonly #startMs: number;
  #sequence = 0;

  constructor(startMs: number) {
    this.#startMs = startMs;
  }

  put(item: Item): void {
    this.#tell(item, item);
    this.items.set(item.sk, item);
  }

  remove({ sk }: Item, isByExpiry: boolean): void {
    const item = this.items.get(sk);
    if (item) this.#tell(item, undefined, isByExpiry);
    this.items.delete(sk);
  }

  #tell(item: Item, after: Item | undefined, isByExpiry = false): void {
    const before = this.items.get(item.sk);
    const record = streamRecordOf({
      eventID: `${item.sk}/${this.#sequence++}`,
      eventName: after ? (before ? "MODIFY" : "INSERT") : "REMOVE",
      dynamodb: {
        ApproximateCreationDateTime: Math.floor(this.#startMs / 1000) + this.#sequence,
        ...(before ? { OldImage: marshall(before) } : {}),
        ...(after ? { NewImage: marshall(after) } : {}),
      },
      ...(isByExpiry ? { userIdentity: { type: "Service", principalId: "dynamodb.amazonaws.com" } } : {}),
    });
    this.chains.set(item.sk, [...(this.chains.get(item.sk) ?? []), record]);
  }
}

function changeOf(act: Act, job: JobItem, steps: readonly StepItem[], nowMs: number): Change | undefined {
  const state = { job, steps };
  if (act === "queue" && job.status === "waiting") {
    const { status, stepsToAdd } = advance(job, []);
    return {
      job: { ...job, status },
      steps: newSteps(job, stepsToAdd, nowMs),
      events: [{ type: "job.queued", status }],
    };
  }
  if (act === "claim") {
    // Retries wait; here they come at once.
    const ready = steps.map((step) => ({ ...step, runAt: 0 }));
    return decideClaim({ job, steps: ready }, "convert", randomUUID(), nowMs).change;
  }
  if (act === "cancel") return cancelChange(job, nowMs);
  const step = steps.find(({ status }) => status === "running");
  if (!step || hasEnded(job.status)) return undefined;
  if (act === "complete") {
    return endAttempt(state, step, { type: "completed", outputs: outputs() }, nowMs);
  }
  const failure = {
    code: "media.truncated" as const,
    message: "It breaks off.",
    log: "nul \u0000 half \udc00",
  };
  return endAttempt(state, step, { type: "failed", failure, retryable: act === "retry" }, nowMs);
}

function beaten(job: JobItem, nowMs: number): JobItem {
  const leases = Object.entries(job.leases).map(([step, lease]) => [
    step,
    { ...lease, until: nowMs + 20_000, percent: Math.min(100, lease.percent + 10) },
  ]);
  return { ...job, leases: Object.fromEntries(leases) };
}

function outputs(): Output[] {
  const common = { contentType: "audio/mpeg", sizeBytes: 4_321, checksumCrc32: "AAAAAA==" };
  return [
    {
      ...common,
      name: "main.mp3",
      fileName: "song.mp3",
      role: "main",
      durationSeconds: 1.2345,
      audioCodec: "mp3",
    },
    {
      ...common,
      name: "poster.jpg",
      fileName: "song.jpg",
      role: "poster",
      widthPixels: 640,
      heightPixels: 360,
    },
  ];
}

function uploadOf(
  userId: string,
  uploadId: string,
  { startMs, expiresAt }: { startMs: number; expiresAt: number },
): UploadItem {
  return {
    ...uploadItemKey(userId, uploadId),
    entity: "upload",
    userId,
    uploadId,
    name: "song.wav",
    type: "audio/wav",
    sizeBytes: 1_234,
    status: "open",
    partBytes: 8 * 1024 ** 2,
    partCount: 1,
    multipartId: "multipart",
    jobIds: [],
    createdAt: iso(startMs),
    expiresAt,
    dueShard: "due#0",
    dueAt: expiresAt,
  };
}

const iso = (ms: number) => new Date(ms).toISOString();
