import * as z from "zod/mini";
import type { Resource } from "../synthesized.ts";

/** A rule of AWS's Foundational Security Best Practices, or one of ours, over what would be deployed. */
export type Control = {
  id: string;
  promise: string;
  /** The type of the resources it looks at. */
  type: string;
  /** Says what is wrong with one of them. */
  check: (resource: Resource, all: readonly Resource[]) => string | undefined;
};

export type Finding = { id: string; resource: string; problem: string };

export function evaluate(controls: readonly Control[], resources: readonly Resource[]): Finding[] {
  return controls.flatMap(({ id, type, check }) =>
    resources
      .filter((resource) => resource.type === type)
      .flatMap((resource) => {
        const problem = check(resource, resources);
        return problem ? [{ id, resource: resource.name, problem }] : [];
      }),
  );
}

/** A control of one property: `path` is as `serverSideEncryption.enabled`. */
export function property(
  id: string,
  type: string,
  path: string,
  promise: string,
  isGood: (value: unknown) => boolean,
): Control {
  const check = ({ inputs }: Resource) => {
    const value = valueAt(inputs, path);
    return isGood(value) ? undefined : `${path} is ${JSON.stringify(value)}`;
  };
  return { id, type, promise, check };
}

export const is = (expected: unknown) => (value: unknown) => value === expected;
export const includes = (expected: unknown) => (value: unknown) =>
  Array.isArray(value) && value.includes(expected);

export function valueAt(value: unknown, path: string): unknown {
  return path.split(".").reduce<unknown>((inner, key) => {
    if (typeof inner !== "object" || inner === null) return undefined;
    return Object.entries(inner).find(([name]) => name === key)?.[1];
  }, value);
}

const Words = z.pipe(
  z.union([z.string(), z.array(z.string())]),
  z.transform((words) => (Array.isArray(words) ? words : [words])),
);
const Statement = z.object({
  Effect: z.string(),
  Action: z._default(Words, []),
  Resource: z._default(Words, []),
  Principal: z.optional(z.union([z.literal("*"), z.record(z.string(), Words)])),
  Condition: z.optional(z.record(z.string(), z.record(z.string(), z.unknown()))),
});
export type Statement = z.infer<typeof Statement>;
const Policy = z.object({ Statement: z.array(Statement) });

/** A policy's statements, whether it is text or an object. */
export function statementsOf(policy: unknown): Statement[] {
  return Policy.parse(typeof policy === "string" ? JSON.parse(policy) : policy).Statement;
}

/** What a role or a policy of its own allows. */
export function allowedBy({ inputs }: Resource): Statement[] {
  const inline = z.array(z.object({ policy: z.string() })).safeParse(inputs.inlinePolicies);
  const policies = [
    ...(inline.data?.map(({ policy }) => policy) ?? []),
    ...(inputs.policy ? [inputs.policy] : []),
  ];
  return policies.flatMap(statementsOf).filter(({ Effect }) => Effect === "Allow");
}

/** Under whatever condition: nothing of ours needs one so open. */
export function isOpenToAll({ Effect, Principal }: Statement): boolean {
  const everybody = Principal === "*" || Object.values(Principal ?? {}).some((who) => who.includes("*"));
  return Effect === "Allow" && everybody;
}
