import type { Database } from "./database.ts";
import { eventMessage, type S3Event, StoredEvent } from "./events.ts";

export type OnEvent = (bucket: string, event: S3Event) => Promise<void>;

const FIRST_RETRY_MILLISECONDS = 100;
const LONGEST_RETRY_MILLISECONDS = 10_000;

/** Notifications, at least once: stored with the change they tell of, kept until their receiver has taken them. */
export class Outbox {
  readonly #database: Database;
  readonly #region: string;
  readonly #onEvent: OnEvent | null;
  readonly #retries = new Set<NodeJS.Timeout>();
  #lastStarted = 0;
  #closed = false;

  constructor(database: Database, region: string, onEvent: OnEvent | null) {
    this.#database = database;
    this.#region = region;
    this.#onEvent = onEvent;
  }

  /** Call inside the transaction of the change itself. */
  record(event: Omit<StoredEvent, "id">): void {
    if (!this.#onEvent) return;
    const names = Object.keys(event).join(", ");
    const values = Object.values(event);
    this.#database.run(`insert into event(${names}) values(${values.map(() => "?").join(", ")})`, ...values);
  }

  /** Starts the delivery of all that is recorded and not under way; waits for none. */
  deliver(): void {
    if (!this.#onEvent) return;
    const waiting = this.#database.all(
      StoredEvent,
      "select * from event where id > ? order by id",
      this.#lastStarted,
    );
    for (const event of waiting) {
      this.#lastStarted = event.id;
      void this.#send(event, this.#onEvent, FIRST_RETRY_MILLISECONDS);
    }
  }

  /** What is still under way stays stored and is sent again at the next start. */
  close(): void {
    this.#closed = true;
    for (const retry of this.#retries) clearTimeout(retry);
  }

  async #send(event: StoredEvent, onEvent: OnEvent, retryMilliseconds: number): Promise<void> {
    try {
      await onEvent(event.bucket, eventMessage(event, this.#region));
    } catch {
      return this.#retry(event, onEvent, retryMilliseconds);
    }
    if (!this.#closed) this.#database.run("delete from event where id = ?", event.id);
  }

  #retry(event: StoredEvent, onEvent: OnEvent, milliseconds: number): void {
    if (this.#closed) return;
    const retry = setTimeout(() => {
      this.#retries.delete(retry);
      void this.#send(event, onEvent, Math.min(milliseconds * 2, LONGEST_RETRY_MILLISECONDS));
    }, milliseconds);
    retry.unref();
    this.#retries.add(retry);
  }
}
