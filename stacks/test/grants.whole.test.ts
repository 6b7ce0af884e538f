import { functions } from "@t2m/functions/manifest";
import { describe, expect, inject, test } from "vitest";
import * as z from "zod/mini";
import { type Role, refused, unneeded } from "./grants/compare.ts";
import { exceptions } from "./grants/exceptions.ts";
import { Call } from "./grants/policy.ts";
import { regionOf, type Stage, stages, synthesized } from "./synthesized.ts";

declare module "vitest" {
  interface ProvidedContext {
    callsUrl: string;
  }
}

const Recorded = z.object({ isWhole: z.boolean(), calls: z.array(Call) });
const Variables = z.object({ variables: z.record(z.string(), z.string()) });

/** What the end-to-end tests of this run recorded; undefined where they have not all run before. */
async function recordedCalls(): Promise<Call[] | undefined> {
  const url: string | undefined = inject("callsUrl");
  if (url === undefined) return undefined;
  const recorded = Recorded.parse(await (await fetch(url)).json());
  return recorded.isWhole ? recorded.calls : undefined;
}

function rolesOf(stage: Stage): (name: string) => Role {
  const { lambda, statementsOf } = synthesized(stage);
  return (name) => {
    const { variables } = Variables.parse(lambda(name).inputs.environment);
    const inStage = ({ action, resource, prefix }: Call) => {
      const [kind = "", ...rest] = resource.split("/");
      const below = rest.map((part) => `/${part}`).join("");
      if (!action.startsWith("dynamodb:")) {
        return {
          action,
          prefix,
          arn: `arn:aws:s3:::${variables[`T2M_BUCKET_${kind.toUpperCase()}`]}${below}`,
        };
      }
      const table = kind === "live" ? variables.T2M_LIVE_TABLE : kind;
      return {
        action,
        prefix,
        arn: `arn:aws:dynamodb:${regionOf(stage)}:123456789012:table/${table}${below}`,
      };
    };
    return { statements: statementsOf(name), inStage };
  };
}

const calls = await recordedCalls();

// It looks back on all end-to-end tests: where not all of them have run, there is nothing to say.
describe.runIf(calls)("after the end-to-end tests", () => {
  test.each(stages)("[V3.1] [A8.3] in %s each function may do all that it did", (stage) => {
    expect(calls?.length).toBeGreaterThan(100);
    expect(refused(calls ?? [], rolesOf(stage))).toEqual([]);
  });

  test.each(stages)("[V3.1] [A8.3] in %s each function did all that it may", (stage) => {
    expect(unneeded(Object.keys(functions), calls ?? [], rolesOf(stage), exceptions)).toEqual([]);
  });
});
