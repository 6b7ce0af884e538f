import type { ChildProcess } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdirSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { exited, type Failure, FunctionFailed, type Outcome, outOfMemory, timedOut } from "./failures.ts";
import { guardGroup, killGroup, supervisorMark } from "./guard.ts";
import { type RuntimeApi, serveRuntimeApi } from "./runtime-api.ts";
import {
  eachLine,
  functionArn,
  privateMemoryBytes,
  type RuntimeSpec,
  startRuntime,
} from "./runtime-process.ts";

export type Invocation = {
  requestId: string;
  payload: string;
  traceId: string;
  /** Called once, with the answer or its first byte. */
  settle(outcome: Outcome): void;
};

export type SandboxSpec = RuntimeSpec & {
  timeoutSeconds: number;
  initTimeoutSeconds: number;
  idleSeconds: number;
  /** Holds the sandboxes' own folders. */
  sandboxesDirectory: string;
  compileCache: string;
  onLog(line: string): void;
};

export type SandboxEvents = {
  /** At rest: it takes an invocation now. */
  idle(sandbox: Sandbox): void;
  /** Dead. `initFailure` says why it never became ready, if it died of that. */
  gone(sandbox: Sandbox, initFailure: string | undefined): void;
};

const memoryCheckMs = 100;

/** One child process with a temporary folder of its own, which runs one invocation at a time. */
export class Sandbox {
  /** `resting` has answered and is about to be idle. */
  state: "starting" | "idle" | "busy" | "resting" | "closed" = "starting";
  readonly closed: Promise<void>;
  readonly #spec: SandboxSpec;
  readonly #events: SandboxEvents;
  readonly #mark = supervisorMark + randomBytes(8).toString("hex");
  readonly #temporaryDirectory: string;
  readonly #resolveClosed: () => void;
  #api: RuntimeApi | undefined;
  #child: ChildProcess | undefined;
  #exit: Promise<void> = Promise.resolve();
  #invocation: Invocation | undefined;
  #asksForMore = false;
  #streamBroken = false;
  #retired = false;
  #stream: Readable | undefined;
  #initFailure: string | undefined;
  #deadline: NodeJS.Timeout;
  #memoryCheck: NodeJS.Timeout | undefined;

  constructor(spec: SandboxSpec, events: SandboxEvents) {
    this.#spec = spec;
    this.#events = events;
    this.#temporaryDirectory = join(spec.sandboxesDirectory, this.#mark);
    const { promise, resolve } = Promise.withResolvers<void>();
    this.closed = promise;
    this.#resolveClosed = resolve;
    this.#deadline = setTimeout(
      () => this.close(timedOut("init", spec.initTimeoutSeconds)),
      spec.initTimeoutSeconds * 1000,
    );
    this.#start().catch((error: unknown) =>
      this.close({ errorType: "Runtime.StartError", errorMessage: String(error) }),
    );
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  run(invocation: Invocation): void {
    const { timeoutSeconds, memoryMb, name, environment } = this.#spec;
    clearTimeout(this.#deadline);
    this.state = "busy";
    this.#invocation = invocation;
    this.#asksForMore = false;
    this.#streamBroken = false;
    this.#deadline = setTimeout(
      () => this.close(timedOut(invocation.requestId, timeoutSeconds)),
      timeoutSeconds * 1000,
    );
    this.#memoryCheck = setInterval(() => {
      const usedBytes = this.pid === undefined ? undefined : privateMemoryBytes(this.pid);
      if (usedBytes !== undefined && usedBytes > memoryMb * 1024 ** 2)
        this.close(outOfMemory(invocation.requestId));
    }, memoryCheckMs);
    this.#api?.dispatch({
      requestId: invocation.requestId,
      payload: invocation.payload,
      traceId: invocation.traceId,
      functionArn: functionArn(name, environment),
      deadlineMs: Date.now() + timeoutSeconds * 1000,
    });
  }

  /** Ends the sandbox as soon as it is at rest. */
  retire(): void {
    this.#retired = true;
    if (this.state === "starting" || this.state === "idle") this.close();
  }

  /** Kills everything in it. An invocation that still runs ends with the failure, or is abandoned without one. */
  close(reason?: Failure): void {
    if (this.state === "closed") return;
    const wasStarting = this.state === "starting";
    const wasBusy = this.state === "busy";
    this.state = "closed";
    clearTimeout(this.#deadline);
    clearInterval(this.#memoryCheck);
    const failure = reason && (this.#initFailure ?? JSON.stringify(reason));
    if (reason) this.#spec.onLog(`${new Date().toISOString()} ${reason.errorMessage}`);
    this.#stream?.destroy(new FunctionFailed(failure ?? "The sandbox was closed"));
    if (wasBusy && !this.#stream) {
      this.#invocation?.settle(
        failure === undefined ? { kind: "abandoned" } : { kind: "failed", payload: failure },
      );
    }
    this.#events.gone(this, wasStarting ? failure : undefined);
    void this.#clear().finally(this.#resolveClosed);
    // After the kill: a runtime that loses its API would print why.
    this.#api?.close();
  }

  async #start(): Promise<void> {
    mkdirSync(this.#temporaryDirectory, { recursive: true });
    const api = await serveRuntimeApi({
      ready: () => {
        this.#asksForMore = true;
        this.#rest();
      },
      initFailed: (payload) => {
        this.#initFailure = payload;
      },
      returned: (requestId, payload) => this.#answer(requestId, { kind: "returned", payload }),
      failed: (requestId, payload) => this.#answer(requestId, { kind: "failed", payload }),
      streaming: (requestId, contentType, body) => {
        if (this.#invocation?.requestId !== requestId) return false;
        this.#stream = body;
        this.#invocation.settle({ kind: "streaming", contentType, body });
        return true;
      },
      streamEnded: (requestId) => {
        if (this.#invocation?.requestId !== requestId) return;
        this.state = "resting";
        this.#stream = undefined;
        this.#rest();
      },
      streamBroken: () => {
        this.#streamBroken = true;
        this.#rest();
      },
    });
    if (this.state === "closed") return api.close();
    this.#api = api;
    this.#spawn(api.address);
  }

  #spawn(runtimeApi: string): void {
    const { onLog, compileCache } = this.#spec;
    const child = startRuntime(this.#spec, {
      mark: this.#mark,
      runtimeApi,
      compileCache,
      temporaryDirectory: this.#temporaryDirectory,
    });
    this.#child = child;
    if (child.pid !== undefined) guardGroup(child.pid);
    eachLine(child.stdout, onLog);
    eachLine(child.stderr, onLog);
    const exit = Promise.withResolvers<void>();
    this.#exit = exit.promise;
    child.once("error", (error) => {
      exit.resolve();
      this.close({ errorType: "Runtime.StartError", errorMessage: error.message });
    });
    child.once("exit", (status, signal) => {
      exit.resolve();
      this.close(exited(this.#invocation?.requestId ?? "init", status, signal));
    });
  }

  #answer(requestId: string, outcome: Outcome): void {
    if (this.#invocation?.requestId !== requestId) return;
    this.state = "resting";
    this.#invocation.settle(outcome);
    this.#rest();
  }

  /** It rests when its answer has arrived and it asks for more, in whichever order the two connections deliver them. */
  #rest(): void {
    if (this.state === "closed" || !this.#asksForMore) return;
    if (this.state === "busy" && !this.#streamBroken) return;
    this.#stream?.destroy(new FunctionFailed("The function cut its stream"));
    this.#stream = undefined;
    clearTimeout(this.#deadline);
    clearInterval(this.#memoryCheck);
    this.#invocation = undefined;
    this.state = "idle";
    if (this.#retired) {
      this.close();
      return;
    }
    this.#deadline = setTimeout(() => this.close(), this.#spec.idleSeconds * 1000).unref();
    this.#events.idle(this);
  }

  async #clear(): Promise<void> {
    if (this.pid !== undefined) await killGroup(this.pid, this.#mark);
    await this.#exit;
    await rm(this.#temporaryDirectory, { recursive: true, force: true, maxRetries: 3 });
  }
}
