import { randomBytes, randomUUID } from "node:crypto";
import { rmdir } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { basename, join } from "node:path";
import { type FailureRecord, runAsynchronously } from "./asynchronous.ts";
import { FunctionFailed, type Outcome, PoolStopped, RequestTooLarge, TooManyRequests } from "./failures.ts";
import { removeLeftovers } from "./leftovers.ts";
import { maximumEventBytes } from "./runtime-api.ts";
import { functionArn } from "./runtime-process.ts";
import { type Invocation, Sandbox, type SandboxSpec } from "./sandbox.ts";
import { readStreamedResponse, type StreamedResponse } from "./streamed-response.ts";

export type PoolOptions = {
  name: string;
  /** Absolute path of a bundled ES module `<name>.mjs` that exports `handler`. */
  file: string;
  memoryMb: number;
  timeoutSeconds: number;
  environment: Readonly<Record<string, string>>;
  /** At most this many sandboxes. Where absent, what this machine bears (`usualConcurrency`). */
  concurrency?: number;
  streaming?: boolean;
  /** What `invoke` does when all are busy: wait its turn (the default), or throw TooManyRequests as Lambda does. */
  whenBusy?: "queue" | "refuse";
  /** Holds the sandboxes' temporary folders and the compile cache; pools may share it. */
  temporaryRoot: string;
  onLog(line: string): void;
  /** Between the attempts of an asynchronous invocation. Lambda's one and two minutes where absent. */
  retryDelaysMs?: readonly number[];
  onFailure(record: FailureRecord): void | Promise<void>;
  /** Sandboxes at rest for so long are ended. 300 where absent. */
  idleSeconds?: number;
  /** 20 where absent: Lambda's 10 and patience with a laptop that starts several at once. */
  initTimeoutSeconds?: number;
};

export type InvokeResult = { payload: unknown; functionError?: "Unhandled" };

export type Pool = {
  readonly name: string;
  /**
   * Runs the function and answers its result; what the function throws is a result too. An aborted caller stops
   * waiting; the function runs on.
   *
   * @throws TooManyRequests, RequestTooLarge, PoolStopped.
   */
  invoke(event: unknown, options?: { signal?: AbortSignal }): Promise<InvokeResult>;
  /** Runs a streaming function, as its URL would. @throws FunctionFailed before its first byte, and as `invoke`. */
  stream(event: unknown): Promise<StreamedResponse>;
  /**
   * Takes an event as Lambda's queue does: two retries, then the failure record. `finished` rejects where neither
   * happened; the sender then still has the event.
   */
  invokeAsync(event: unknown): { requestId: string; accepted: Promise<void>; finished: Promise<void> };
  /** New sandboxes run this bundle; busy ones finish with the old one. */
  replace(file: string): void;
  /** Has at least `count` sandboxes ready. @throws FunctionFailed with what went wrong at their start. */
  warm(count: number): Promise<void>;
  /** Kills every sandbox; what still ran or waited rejects with PoolStopped. */
  stop(): Promise<void>;
  sandboxes(): { pid: number | undefined; state: Sandbox["state"] }[];
};

/** A pool of sandboxes for one function, as Lambda keeps them. */
export function createPool(options: PoolOptions): Pool {
  return new SandboxPool(options);
}

/** Longer than quick handlers take: a burst of them is served by few sandboxes instead of starting one for each. */
const growAfterMs = 50;
/** A cold start takes about so many of those periods. */
const periodsPerStart = 3;

/**
 * Lambda has a core for every 1,769 MB. Twice as many as this machine's cores are shared out: two sandboxes at least,
 * ten at most. Streams wait more than they work, and an open one holds its sandbox: fifty.
 */
function usualConcurrency({ memoryMb, streaming }: PoolOptions): number {
  if (streaming) return 50;
  const cores = memoryMb / 1_769;
  return Math.min(Math.max(Math.floor((2 * availableParallelism()) / cores), 2), 10);
}

class SandboxPool implements Pool {
  readonly name: string;
  readonly #options: PoolOptions;
  readonly #concurrency: number;
  readonly #spec: Omit<SandboxSpec, "file">;
  readonly #sandboxes = new Set<Sandbox>();
  /** Those at rest, the last used at the end: it is taken first, so that the surplus ages and is ended. */
  readonly #idle: Sandbox[] = [];
  readonly #queue: Invocation[] = [];
  readonly #closing = new Set<Promise<void>>();
  readonly #stopped = new AbortController();
  #file: string;
  #growth: NodeJS.Timeout | undefined;
  /** From the queue since the last look at it. */
  #taken = 0;
  #warming: { resolve(): void; reject(error: Error): void; count: number }[] = [];

  constructor(options: PoolOptions) {
    this.name = options.name;
    this.#options = options;
    this.#file = checkedFile(options.file);
    this.#concurrency = options.concurrency ?? usualConcurrency(options);
    const sandboxes = join(options.temporaryRoot, "sandboxes");
    removeLeftovers(sandboxes);
    this.#spec = {
      name: options.name,
      memoryMb: options.memoryMb,
      timeoutSeconds: options.timeoutSeconds,
      initTimeoutSeconds: options.initTimeoutSeconds ?? 20,
      idleSeconds: options.idleSeconds ?? 300,
      environment: options.environment,
      sandboxesDirectory: join(sandboxes, String(process.pid)),
      compileCache: join(options.temporaryRoot, "compile-cache"),
      onLog: options.onLog,
    };
  }

  async invoke(event: unknown, { signal }: { signal?: AbortSignal } = {}): Promise<InvokeResult> {
    const mayQueue = this.#options.whenBusy !== "refuse";
    return resultOf(await this.#submit(event, { signal, mayQueue, requestId: randomUUID() }));
  }

  async stream(event: unknown): Promise<StreamedResponse> {
    const mayQueue = this.#options.whenBusy !== "refuse";
    const outcome = await this.#submit(event, { mayQueue, requestId: randomUUID() });
    if (outcome.kind === "streaming") return readStreamedResponse(outcome.contentType, outcome.body);
    const { payload, functionError } = resultOf(outcome);
    throw new FunctionFailed(
      functionError ? JSON.stringify(payload) : `${this.name} does not stream its answer`,
    );
  }

  invokeAsync(event: unknown): { requestId: string; accepted: Promise<void>; finished: Promise<void> } {
    const requestId = randomUUID();
    const finished = runAsynchronously(event, {
      requestId,
      functionArn: functionArn(this.name, this.#options.environment),
      retryDelaysMs: this.#options.retryDelaysMs ?? [60_000, 120_000],
      stopped: this.#stopped.signal,
      attempt: async () => resultOf(await this.#submit(event, { mayQueue: true, requestId })),
      onFailure: this.#options.onFailure,
    });
    // Callers may only care for `accepted`.
    finished.catch(() => undefined);
    return { requestId, accepted: Promise.resolve(), finished };
  }

  replace(file: string): void {
    this.#file = checkedFile(file);
    for (const sandbox of [...this.#sandboxes]) sandbox.retire();
    for (const { count } of this.#warming) this.#startUpTo(count);
    this.#grow();
  }

  async warm(count: number): Promise<void> {
    this.#stopped.signal.throwIfAborted();
    const wanted = Math.min(count, this.#concurrency);
    if (this.#count("idle", "busy", "resting") >= wanted) return;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#warming.push({ resolve, reject, count: wanted });
    this.#startUpTo(wanted);
    await promise;
  }

  async stop(): Promise<void> {
    this.#stopped.abort(new PoolStopped());
    clearTimeout(this.#growth);
    for (const waiting of this.#queue.splice(0)) waiting.settle({ kind: "abandoned" });
    for (const sandbox of [...this.#sandboxes]) sandbox.close();
    for (const { reject } of this.#warming.splice(0)) reject(new PoolStopped());
    await Promise.all(this.#closing);
    // Other pools of this process may still use it.
    await rmdir(this.#spec.sandboxesDirectory).catch(() => undefined);
  }

  sandboxes(): { pid: number | undefined; state: Sandbox["state"] }[] {
    return [...this.#sandboxes].map(({ pid, state }) => ({ pid, state }));
  }

  #submit(
    event: unknown,
    call: { requestId: string; mayQueue: boolean; signal?: AbortSignal | undefined },
  ): Promise<Outcome> {
    this.#stopped.signal.throwIfAborted();
    call.signal?.throwIfAborted();
    const payload = JSON.stringify(event ?? null);
    if (Buffer.byteLength(payload) > maximumEventBytes) throw new RequestTooLarge(maximumEventBytes);
    const idle = this.#idle.pop();
    const busy = this.#count("busy");
    if (!idle && !call.mayQueue && this.#queue.length >= this.#concurrency - busy)
      throw new TooManyRequests();
    return new Promise((resolve, reject) => {
      const invocation = { requestId: call.requestId, payload, traceId: newTraceId(), settle: resolve };
      if (idle) idle.run(invocation);
      else this.#queue.push(invocation);
      call.signal?.addEventListener("abort", () => {
        const place = this.#queue.indexOf(invocation);
        if (place >= 0) this.#queue.splice(place, 1);
        reject(call.signal?.reason);
      });
      this.#grow();
    });
  }

  #count(...states: Sandbox["state"][]): number {
    return [...this.#sandboxes].filter(({ state }) => states.includes(state)).length;
  }

  /**
   * The first sandbox at once. Then, whenever something has waited a little, as many again as there are, unless those
   * will be through the queue before a new one is ready.
   */
  #grow(): void {
    const missing = this.#queue.length - this.#count("starting", "resting");
    if (missing <= 0 || this.#growth || this.#sandboxes.size >= this.#concurrency) return;
    if (this.#sandboxes.size === 0) {
      this.#startSandbox();
      return;
    }
    this.#taken = 0;
    // After a stall of this process the answers that wait to be read come first.
    this.#growth = setTimeout(() => setImmediate(() => this.#addSandboxes()), growAfterMs);
  }

  #addSandboxes(): void {
    this.#growth = undefined;
    if (this.#stopped.signal.aborted) return;
    const more = Math.min(
      this.#queue.length - this.#count("starting", "resting"),
      this.#concurrency - this.#sandboxes.size,
      Math.max(this.#sandboxes.size, 1),
    );
    if (this.#queue.length > this.#taken * periodsPerStart) this.#startUpTo(this.#sandboxes.size + more);
    this.#grow();
  }

  #startUpTo(count: number): void {
    while (this.#sandboxes.size < count) this.#startSandbox();
  }

  #startSandbox(): void {
    const sandbox = new Sandbox(
      { ...this.#spec, file: this.#file },
      { idle: (rested) => this.#onIdle(rested), gone: (dead, failure) => this.#onGone(dead, failure) },
    );
    this.#sandboxes.add(sandbox);
    const closed: Promise<void> = sandbox.closed.finally(() => this.#closing.delete(closed));
    this.#closing.add(closed);
  }

  #onIdle(sandbox: Sandbox): void {
    const next = this.#queue.shift();
    this.#taken += 1;
    if (next) sandbox.run(next);
    else this.#idle.push(sandbox);
    this.#grow();
    const ready = this.#count("idle", "busy", "resting");
    this.#warming = this.#warming.filter(({ count, resolve }) => {
      if (ready >= count) resolve();
      return ready < count;
    });
  }

  #onGone(sandbox: Sandbox, initFailure: string | undefined): void {
    this.#sandboxes.delete(sandbox);
    const place = this.#idle.indexOf(sandbox);
    if (place >= 0) this.#idle.splice(place, 1);
    if (initFailure !== undefined) {
      // Lambda answers the invocation that needed the sandbox with what its start came to.
      this.#queue.shift()?.settle({ kind: "failed", payload: initFailure });
      for (const { reject } of this.#warming.splice(0)) reject(new FunctionFailed(initFailure));
    }
    if (!this.#stopped.signal.aborted) this.#grow();
  }
}

function resultOf(outcome: Outcome): InvokeResult {
  if (outcome.kind === "abandoned") throw new PoolStopped();
  if (outcome.kind === "streaming") {
    outcome.body.destroy();
    throw new FunctionFailed("The function streams its answer and was called for a whole one");
  }
  const payload: unknown = JSON.parse(outcome.payload);
  return outcome.kind === "failed" ? { payload, functionError: "Unhandled" } : { payload };
}

/** The runtime takes everything before the first dot as the module's name. */
function checkedFile(file: string): string {
  if (/^[^.]+\.mjs$/.test(basename(file)) && !file.includes("..")) return file;
  throw new TypeError(`A function's bundle must be named <name>.mjs, without another dot: ${file}`);
}

function newTraceId(): string {
  const seconds = Math.floor(Date.now() / 1000).toString(16);
  return `Root=1-${seconds}-${randomBytes(12).toString("hex")};Parent=${randomBytes(8).toString("hex")};Sampled=0`;
}
