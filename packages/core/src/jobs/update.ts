import type { Expression } from "../live/table.ts";
import type { JobItem } from "./items.ts";

const changeable = [
  "status",
  "percent",
  "doneShare",
  "version",
  "cancelRequested",
  "outputs",
  "failure",
  "startedAt",
  "finishedAt",
  "expiresAt",
  "dueAt",
] as const satisfies readonly (keyof JobItem)[];

/**
 * The update that takes a job's item from `before` to `after`, on condition that its version is still the one read.
 * Only what differs is written, lease by lease: heartbeats write to the same item without touching its version.
 * Pure.
 */
export function jobUpdate(
  before: JobItem,
  after: JobItem,
  nowMs: number,
): { update: Expression; condition: Expression } {
  const fields = changeable.filter((name) => after[name] !== undefined && after[name] !== before[name]);
  const leases = leaseUpdate(before, after, nowMs);
  const sets = [...fields.map((name) => `#${name} = :${name}`), ...leases.sets];
  const remove = leases.removes.length > 0 ? ` REMOVE ${leases.removes.join(", ")}` : "";
  return {
    update: {
      expression: `SET ${sets.join(", ")}${remove}`,
      names: { ...Object.fromEntries(fields.map((name) => [`#${name}`, name])), ...leases.names },
      values: { ...Object.fromEntries(fields.map((name) => [`:${name}`, after[name]])), ...leases.values },
    },
    condition: {
      expression: ["#version = :seenVersion", ...leases.conditions].join(" AND "),
      names: { "#version": "version" },
      values: { ":seenVersion": before.version },
    },
  };
}

/** A lease that goes because it ran out must not have been renewed since it was read. */
function leaseUpdate(before: JobItem, after: JobItem, nowMs: number) {
  const names: Record<string, string> = {};
  const values: Record<string, unknown> = {};
  const [sets, removes, conditions]: [string[], string[], string[]] = [[], [], []];
  const steps = new Set([...Object.keys(before.leases), ...Object.keys(after.leases)]);
  for (const [index, step] of [...steps].entries()) {
    const old = before.leases[step];
    const lease = after.leases[step];
    if (old?.token === lease?.token) continue;
    Object.assign(names, { "#leases": "leases", [`#l${index}`]: step });
    const path = `#leases.#l${index}`;
    if (lease) {
      sets.push(`${path} = :l${index}`);
      values[`:l${index}`] = lease;
    } else {
      removes.push(path);
    }
    if (!old || old.until > nowMs) continue;
    conditions.push(`${path}.#until = :until${index}`);
    names["#until"] = "until";
    values[`:until${index}`] = old.until;
  }
  return { names, values, sets, removes, conditions };
}
