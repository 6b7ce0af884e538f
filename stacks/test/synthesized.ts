import { readFileSync } from "node:fs";
import { join } from "node:path";
import { inject } from "vitest";
import * as z from "zod/mini";
import { stages as variablesOf } from "./synth/stages.ts";

/** Those with a record; dev does without. */
export const stages = ["qa", "staging", "production"] as const;
export const everyStage = ["dev", ...stages] as const;
export type Stage = (typeof everyStage)[number];

export const regionOf = (stage: Stage) => variablesOf[stage].AWS_REGION;

const Resource = z.object({
  type: z.string(),
  name: z.string(),
  inputs: z.record(z.string(), z.unknown()),
  /** The resources, as `type name`, without which it is not made: those that it needs, and what it is part of. */
  waitsFor: z.array(z.string()),
  /** How many were made before it. */
  place: z.number(),
});
export type Resource = z.infer<typeof Resource>;
const Synthesized = z.object({
  app: z.record(z.string(), z.unknown()),
  outputs: z.record(z.string(), z.unknown()),
  errors: z.array(z.string()),
  resources: z.array(Resource),
});
const Statement = z.object({
  Effect: z.string(),
  Action: z.array(z.string()),
  Resource: z.optional(z.array(z.string())),
  Principal: z.optional(z.unknown()),
  Condition: z.optional(z.unknown()),
});
const Policy = z.object({ Statement: z.array(Statement) });
const InlinePolicies = z.tuple([z.object({ policy: z.string() })]);

/** Everything that deploying a stage would create, each resource with its inputs. */
export function synthesized(stage: Stage) {
  const text = readFileSync(join(inject("synthesized"), `${stage}.json`), "utf8");
  const { app, outputs, errors, resources } = Synthesized.parse(JSON.parse(text));
  const all = (type: string) => resources.filter((resource) => resource.type === type);
  const where = (type: string, property: string, value: unknown): Resource => {
    const found = all(type).filter(({ inputs }) => inputs[property] === value);
    const [only] = found;
    if (!only || found.length > 1) throw new Error(`${found.length} ${type} have the ${property} ${value}`);
    return only;
  };
  const only = (type: string): Resource => {
    const [found, ...others] = all(type);
    if (!found || others.length > 0) throw new Error(`There is more or less than one ${type}`);
    return found;
  };
  const lambda = (name: string) => where("aws:lambda/function:Function", "name", `${stage}-t2m-${name}`);
  return {
    app,
    outputs,
    errors,
    resources,
    all,
    where,
    only,
    lambda,
    /** What the function may do. */
    statementsOf: (name: string) => statementsOf(roleOf(all("aws:iam/role:Role"), lambda(name))),
  };
}

/** The role's one inline policy. Throws where it has none or several. */
export function statementsOf(role: Resource) {
  const [{ policy }] = InlinePolicies.parse(role.inputs.inlinePolicies);
  return statementsIn(policy);
}

export function statementsIn(policy: unknown) {
  return Policy.parse(JSON.parse(z.string().parse(policy))).Statement;
}

function roleOf(roles: readonly Resource[], lambda: Resource): Resource {
  const role = roles.find(({ inputs }) => String(lambda.inputs.role).endsWith(`:role/${inputs.name}`));
  if (!role) throw new Error(`${lambda.name} has no role of its own`);
  return role;
}

/** By `type name`: all that a resource waits for, and what those wait for. */
export function waitsFor(resources: readonly Resource[], resource: Resource): Set<string> {
  const byName = new Map(resources.map((each) => [`${each.type} ${each.name}`, each]));
  const found = new Set<string>();
  const open = [...resource.waitsFor];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (found.has(next)) continue;
    found.add(next);
    open.push(...(byName.get(next)?.waitsFor ?? []));
  }
  return found;
}
