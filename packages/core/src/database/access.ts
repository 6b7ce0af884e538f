import { config } from "../config.ts";
import { unavailable } from "../errors.ts";
import { guarded } from "./breaker.ts";
import { type Connection, connect, type Database } from "./connect.ts";
import { DatabaseTimeout } from "./failures.ts";

export type { Database } from "./connect.ts";
export type Transaction = Parameters<Parameters<Database["transaction"]>[0]>[0];

/** Longer than the database's own limit for a statement, so that one is heard first where the network is well. */
const readMs = 6_000;
const changeMs = 12_000;

const connections = new Map<"main" | "replica", Connection>();

/**
 * Runs queries that change nothing (or do no harm when done twice): they are tried again where Postgres fails.
 * `mayLag`: the replica will do where there is one; what was written a moment ago may be missing.
 * Throws `ApiError` service.unavailable: at once while Postgres is known to be away.
 */
export async function readRecord<T>(
  query: (db: Database) => Promise<T>,
  { mayLag = false } = {},
): Promise<T> {
  return await guarded(
    () => withConnection(mayLag && hasReplica() ? "replica" : "main", readMs, ({ db }) => query(db)),
    () => true,
  );
}

/**
 * Runs `work` in one transaction: all of it or nothing. Tried again only where it certainly had no effect, so `work`
 * may run more than once and must do nothing but use `tx`. Throws `ApiError` service.unavailable; then, where the
 * commit's answer was lost, it may have taken effect all the same.
 */
export async function changeRecord<T>(work: (tx: Transaction) => Promise<T>): Promise<T> {
  let isCommitting = false;
  const transaction = async ({ db }: Connection) => {
    isCommitting = false;
    return await db.transaction(async (tx) => {
      const answer = await work(tx);
      isCommitting = true;
      return answer;
    });
  };
  return await guarded(
    () => withConnection("main", changeMs, transaction),
    () => !isCommitting,
  );
}

/** Ends the connections of this process; the next use opens new ones. */
export async function closeRecord(): Promise<void> {
  const open = [...connections.values()];
  connections.clear();
  await Promise.all(open.map(({ sql }) => sql.end({ timeout: 1 })));
}

async function withConnection<T>(
  which: "main" | "replica",
  limitMs: number,
  use: (connection: Connection) => Promise<T>,
): Promise<T> {
  const connection = connectionTo(which);
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new DatabaseTimeout(`no answer in ${limitMs} ms`)), limitMs);
  const used = use(connection);
  try {
    return await Promise.race([used, late.promise]);
  } catch (error) {
    if (error instanceof DatabaseTimeout) discard(which, connection);
    // What the loser of the race says is nobody's business any more.
    used.catch(() => undefined);
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

function hasReplica(): boolean {
  const { database } = config();
  return database !== undefined && "host" in database && database.readerHost !== undefined;
}

function connectionTo(which: "main" | "replica"): Connection {
  const known = connections.get(which);
  if (known) return known;
  const { database, aws } = config();
  if (!database) throw unavailable("record", new Error("this function is given no database"));
  // The driver would connect again within the same client, where what is left of a broken transaction may run on.
  const onClose = () => discard(which, connection);
  const connection = connect({ database, aws }, { replica: which === "replica", onClose });
  connections.set(which, connection);
  return connection;
}

/** Whatever a connection was in the middle of is rolled back; who comes next gets another. */
function discard(which: "main" | "replica", connection: Connection): void {
  if (connections.get(which) === connection) connections.delete(which);
  connection.sql.end({ timeout: 0 }).catch(() => undefined);
}
