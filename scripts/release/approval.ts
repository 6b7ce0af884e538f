import * as z from "zod/mini";
import { capture } from "./process.ts";

const Environment = z.object({ protection_rules: z.array(z.object({ type: z.string() })) });

/**
 * GitHub asks somebody before a job of an environment runs, if that environment's settings say so, and those are not in
 * the repository. Throws in a pipeline where nobody would have been asked.
 */
export async function requireApproval(environment: string): Promise<void> {
  const repository = process.env.GITHUB_REPOSITORY;
  // On a person's own machine that person has decided.
  if (!repository) return;
  const answer = await capture("gh", ["api", `repos/${repository}/environments/${environment}`]);
  const { protection_rules } = Environment.parse(JSON.parse(answer));
  if (protection_rules.some(({ type }) => type === "required_reviewers")) return;
  throw new Error(`Nobody has to approve of ${environment}: give its environment required reviewers`);
}
