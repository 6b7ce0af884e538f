/** What goes wrong with a request:
 * - `refuse`: answered with this error (default 503 SlowDown) before anything is read or done
 * - `cut`: the connection breaks after so many body bytes, of the request or else of the answer
 * - `corrupt`: one byte of the request's body, or else of the answer's, is flipped on the way
 * - `mute`: the request is carried out, but the connection breaks before its answer */
export type FaultKind =
  | { kind: "refuse"; status?: number; code?: string }
  | { kind: "cut"; afterBytes?: number }
  | { kind: "corrupt" }
  | { kind: "mute" };

export type FaultTarget = { method: string; bucket: string; key: string; query: URLSearchParams };

export type Fault = FaultKind & {
  /** Default: every request. */
  match?: (target: FaultTarget) => boolean;
  /** How many matching requests it strikes; default 1. */
  times?: number;
};

/** The faults a test has ordered, first come first served. */
export class Faults {
  #pending: { fault: Fault; left: number }[] = [];

  add(fault: Fault): void {
    this.#pending.push({ fault, left: fault.times ?? 1 });
  }

  clear(): void {
    this.#pending = [];
  }

  /** Strikes not yet dealt. */
  get left(): number {
    return this.#pending.reduce((sum, { left }) => sum + left, 0);
  }

  /** The fault that strikes this request, used up by one. */
  take(target: FaultTarget): Fault | null {
    const entry = this.#pending.find(({ fault }) => fault.match?.(target) ?? true);
    if (!entry) return null;
    entry.left -= 1;
    if (entry.left === 0) this.#pending = this.#pending.filter((other) => other !== entry);
    return entry.fault;
  }
}

/** The bytes as they come out of a bad line. */
export async function* spoilt(
  source: AsyncIterable<Buffer>,
  fault: Fault,
  hangUp: () => void,
): AsyncGenerator<Buffer> {
  let passedBytes = 0;
  for await (const chunk of source) {
    if (fault.kind === "cut" && passedBytes + chunk.length > (fault.afterBytes ?? 0)) {
      yield chunk.subarray(0, (fault.afterBytes ?? 0) - passedBytes);
      return hangUp();
    }
    if (fault.kind === "corrupt" && passedBytes === 0) chunk.writeUInt8(chunk.readUInt8(0) ^ 1, 0);
    passedBytes += chunk.length;
    yield chunk;
  }
}
