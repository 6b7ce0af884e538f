import { type Exception, notOfCalls } from "./exceptions.ts";
import { allows, type Call, type Request, type Statement } from "./policy.ts";

/** What a function may do in a stage, and how a recorded call reads there. */
export type Role = { statements: readonly Statement[]; inStage: (call: Call) => Request };

/** Calls that AWS would have refused. */
export function refused(calls: readonly Call[], roleOf: (name: string) => Role): string[] {
  return calls
    .filter((call) => {
      const { statements, inStage } = roleOf(call.function);
      return !statements.some((statement) => allows(statement, inStage(call)));
    })
    .map(({ function: name, action, resource, prefix }) => {
      return `${name} asks for ${action} on ${resource}${prefix === undefined ? "" : ` below "${prefix}"`}`;
    });
}

/** Rights that no call needed and no exception explains, and exceptions that explain nothing. */
export function unneeded(
  names: readonly string[],
  calls: readonly Call[],
  roleOf: (name: string) => Role,
  exceptions: readonly Exception[],
): string[] {
  const unused = names.flatMap((name) => {
    const { statements, inStage } = roleOf(name);
    const requests = calls.filter((call) => call.function === name).map(inStage);
    return statements.flatMap((statement) =>
      unusedIn(statement, requests).map((right) => ({ name, ...right })),
    );
  });
  const isExcepted = (right: Right, by: Exception) =>
    by.functions.includes(right.name) && by.action === right.action && right.resource.includes(by.resource);
  const idle = exceptions.flatMap((by) =>
    by.functions
      .filter((name) => !unused.some((right) => right.name === name && isExcepted(right, by)))
      .map((name) => `the exception of ${by.action} on ${by.resource} for ${name} explains nothing`),
  );
  const left = unused.filter((right) => !exceptions.some((by) => isExcepted(right, by)));
  return [
    ...left.map(({ name, action, resource }) => `${name} never needs ${action} on ${resource}`),
    ...idle,
  ];
}

type Right = { name: string; action: string; resource: string };

function unusedIn(statement: Statement, requests: readonly Request[]): Omit<Right, "name">[] {
  const { Action, Resource = [] } = statement;
  return Action.flatMap((action) => Resource.map((resource) => ({ action, resource })))
    .filter(({ action }) => !notOfCalls.some(({ actions }) => actions.includes(action)))
    .filter(({ action, resource }) => {
      const alone = { ...statement, Action: [action], Resource: [resource] };
      return !requests.some((request) => allows(alone, request));
    });
}
