import * as z from "zod/mini";
import { notACursor } from "../errors.ts";

const Id = z.uuid();

/** A cursor that is the id of the page's last row. Throws `ApiError` "request.invalid". */
export function idCursor(cursor: string | undefined): string | undefined {
  if (cursor !== undefined && !Id.safeParse(cursor).success) throw notACursor();
  return cursor;
}

/** A cursor of a list that goes by time, then by id: both of the page's last row. */
export type TimeCursor = { at: Date; id: string };

/** The end of the year 9999: Postgres does not read what JavaScript writes of later years. */
const lastMs = Date.UTC(10_000, 0) - 1;

export function timeCursor(cursor: string | undefined): TimeCursor | undefined {
  if (cursor === undefined) return undefined;
  const [ms = "", id = "", ...rest] = cursor.split(".");
  const isTime = /^\d{1,15}$/.test(ms) && Number(ms) <= lastMs;
  if (!isTime || !Id.safeParse(id).success || rest.length > 0) throw notACursor();
  return { at: new Date(Number(ms)), id };
}

export function timeCursorOf({ at, id }: TimeCursor): string {
  return `${at.getTime()}.${id}`;
}

/** A page made of one row more than it shall have: that there is one says that another page follows. */
export function pageFrom<Row, Shown>(
  rows: readonly Row[],
  limit: number,
  cursorOf: (row: Row) => string,
  present: (row: Row) => Shown,
): { items: Shown[]; cursor?: string } {
  const items = rows.slice(0, limit).map(present);
  const last = rows[limit - 1];
  return rows.length > limit && last !== undefined ? { items, cursor: cursorOf(last) } : { items };
}

/** Words as a pattern that matches them anywhere, with nothing in them a wildcard. */
export function anywhere(words: string): string {
  return `%${words.replace(/[\\%_]/g, "\\$&")}%`;
}
