import type { Statement } from "./wire-tap.ts";

// What makes RDS Proxy keep a connection for one client until that leaves, as its documentation has it ("Avoiding
// pinning", "Limitations"). Locks of a transaction (`pg_advisory_xact_lock`) do not. And what a pooler may tear apart: a
// question that is begun before the last answer has ended, when the connection may go to somebody else.

const pinning = [
  /^(set|reset|prepare|execute|deallocate|discard|declare|fetch|listen|unlisten|load)\b/,
  /\bset_config\s*\(/,
  /\bpg_(try_)?advisory_(lock|unlock)/,
  /\b(nextval|setval|currval|lastval)\s*\(/,
  /\btemp(orary)?\s+(table|view|sequence)\b/,
];
const mostTextBytes = 16 * 1024;

/** What about these statements does not go with a shared connection, each with the beginning of its text. */
export function pinsOf(statements: readonly Statement[]): string[] {
  return statements.flatMap(({ name, text, isEarly }) => {
    const said = text
      .trim()
      .toLowerCase()
      .replaceAll(/'[^']*'/g, "''");
    const reasons = [
      ...(name === "" ? [] : ["has a name"]),
      ...(isEarly ? ["does not wait for the answer before it"] : []),
      ...(Buffer.byteLength(text) > mostTextBytes ? ["is longer than 16 KB"] : []),
      ...(said.split(";").some(isPinning) ? ["leaves something in the session"] : []),
    ];
    return reasons.map((reason) => `${reason}: ${text.slice(0, 200)}`);
  });
}

function isPinning(text: string): boolean {
  return pinning.some((pattern) => pattern.test(text.trim()));
}
