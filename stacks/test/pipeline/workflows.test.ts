import { existsSync, globSync, readFileSync } from "node:fs";
import { basename, dirname, resolve } from "node:path";
import { build } from "esbuild";
import { expect, test } from "vitest";
import { parse } from "yaml";
import * as z from "zod/mini";

const root = resolve(import.meta.dirname, "../../..");
const folder = resolve(root, ".github/workflows");
const files = globSync("*.yml", { cwd: folder }).sort();
const read = (name: string) => readFileSync(resolve(folder, name), "utf8");

/** As GitHub writes what it works out itself. */
const expression = (inner: string) => `$\{{ ${inner} }}`;

/** GitHub's own reader of workflows. It imports JSON in a way that Node does not take, so it is bundled first. */
const parser = await (async (): Promise<typeof import("@actions/workflow-parser")> => {
  const { outputFiles } = await build({
    stdin: { contents: 'export * from "@actions/workflow-parser"', resolveDir: import.meta.dirname },
    bundle: true,
    write: false,
    format: "esm",
    platform: "node",
    banner: {
      js: 'import{createRequire}from"node:module";const require=createRequire("file:///");',
    },
  });
  return import(
    `data:text/javascript;base64,${Buffer.from(outputFiles[0]?.contents ?? "").toString("base64")}`
  );
})();
const parseWorkflow = (name: string, content: string) =>
  parser.parseWorkflow({ name, content }, new parser.NoOperationTraceWriter());

const Step = z.looseObject({
  run: z.optional(z.string()),
  uses: z.optional(z.string()),
  if: z.optional(z.string()),
});
const Job = z.looseObject({
  needs: z.optional(z.string()),
  uses: z.optional(z.string()),
  with: z.optional(z.record(z.string(), z.unknown())),
  permissions: z.optional(z.record(z.string(), z.string())),
  environment: z.optional(z.unknown()),
  concurrency: z.optional(z.looseObject({ "cancel-in-progress": z.optional(z.boolean()) })),
  steps: z.optional(z.array(Step)),
});
const Workflow = z.looseObject({ on: z.record(z.string(), z.unknown()), jobs: z.record(z.string(), Job) });
const workflow = (name: string) => Workflow.parse(parse(read(name)));
const stepsOf = (name: string) => Object.values(workflow(name).jobs).flatMap(({ steps = [] }) => steps);

test.each(files)("%s is a workflow as GitHub takes it, expressions included", async (name) => {
  const parsed = parseWorkflow(name, read(name));
  expect(parsed.context.errors.getErrors().map(({ message }) => message)).toEqual([]);
  if (!parsed.value) throw new Error(`${name} is empty`);
  const provider = {
    getFileContent: async (reference: { path?: string }) => {
      const path = basename(reference.path ?? "");
      return { name: path, content: read(path) };
    },
  };
  const template = await parser.convertWorkflowTemplate(parsed.context, parsed.value, provider, {
    fetchReusableWorkflowDepth: 2,
  });
  expect((template.errors ?? []).map(({ Message }) => Message)).toEqual([]);
});

test("what is wrong in a workflow is found", () => {
  const content = read("check.yml").replace("runs-on", "runs-at");
  const parsed = parseWorkflow("check.yml", content);
  expect(parsed.context.errors.getErrors().length).toBeGreaterThan(0);
});

test("every command of a workflow is one that this repository has", () => {
  const { scripts } = JSON.parse(readFileSync(resolve(root, "package.json"), "utf8"));
  const commands = files.flatMap(stepsOf).flatMap(({ run }) => (run ? [run] : []));
  expect(commands.length).toBeGreaterThan(4);
  for (const command of commands) {
    const name = /^npx -y pnpm@12 (\S+)/.exec(command)?.[1] ?? "";
    expect(["install", ...Object.keys(scripts)], command).toContain(name);
    const script = /\S+\.ts$/.exec(scripts[name] ?? "")?.[0];
    if (script) expect(existsSync(resolve(root, script)), script).toBe(true);
  }
});

test("every command and every page that the documents name is there", () => {
  const { scripts } = JSON.parse(readFileSync(resolve(root, "package.json"), "utf8"));
  const pages = ["README.md", ...globSync("docs/**/*.md", { cwd: root })];
  for (const page of pages) {
    const text = readFileSync(resolve(root, page), "utf8");
    for (const [, name = ""] of text.matchAll(/npx -y pnpm@12 (\S+)/g)) {
      expect(["install", ...Object.keys(scripts)], page).toContain(name);
    }
    // The benchmarks' page is written by whoever runs them.
    if (page === "README.md") continue;
    for (const [, target = ""] of text.matchAll(/\]\(([^)#:]+?\.(?:md|json))\)/g)) {
      expect(existsSync(resolve(root, dirname(page), target)), `${page}: ${target}`).toBe(true);
    }
  }
});

test("others' actions are pinned to a commit, and nothing has more rights than it needs", () => {
  for (const name of files) {
    const { permissions, jobs } = workflow(name);
    for (const { uses } of stepsOf(name)) if (uses) expect(uses).toMatch(/^[\w-]+\/[\w-]+@[0-9a-f]{40}$/);
    for (const [job, { permissions: own, uses }] of Object.entries(jobs)) {
      // A workflow that is called has its caller's.
      if (name !== "deploy-stage.yml") expect(own ?? permissions, `${name} ${job}`).toBeDefined();
      if (own?.["id-token"]) expect(uses ?? job).toMatch(/deploy-stage\.yml$|^remove$/);
    }
    expect(read(name)).not.toMatch(/pull_request_target|workflow_run|permissions: write-all/);
  }
});

test("AWS is reached by a role that GitHub vouches for: there is no key to keep", () => {
  for (const name of files) expect(read(name)).not.toMatch(/aws[-_](access[-_]key|secret|session)/i);
  for (const name of ["deploy-stage.yml", "preview.yml"]) {
    const [credentials] = stepsOf(name).filter(({ uses }) => uses?.startsWith("aws-actions/"));
    expect(credentials?.with).toMatchObject({ "role-to-assume": expression("vars.AWS_ROLE_ARN") });
  }
  const role = parse(readFileSync(resolve(root, ".github/deploy-role.yml"), "utf8"));
  const [statement] = role.Resources.Role.Properties.AssumeRolePolicyDocument.Statement;
  expect(statement).toMatchObject({ Action: "sts:AssumeRoleWithWebIdentity" });
  expect(statement.Condition.StringEquals).toEqual({
    "token.actions.githubusercontent.com:aud": "sts.amazonaws.com",
    "token.actions.githubusercontent.com:sub": {
      "Fn::Sub": expect.stringMatching(/^repo:\$\{Repository\}:environment:\$\{Environment\}$/),
    },
  });
});

test("[A6.1] [A6.6] every push is built and tested whole, by the very command that a laptop runs", () => {
  expect(workflow("check.yml").on).toMatchObject({
    push: { "branches-ignore": ["main"] },
    workflow_call: null,
  });
  expect(stepsOf("check.yml").map(({ run }) => run)).toContain("npx -y pnpm@12 test");
  expect(workflow("deploy.yml").on).toMatchObject({ push: { branches: ["main"] } });
  expect(workflow("deploy.yml").jobs.check).toMatchObject({ uses: "./.github/workflows/check.yml" });
});

test("[A6.3] [A6.4] main goes to dev once the tests pass, then to staging, and to production once somebody approves", () => {
  const { jobs } = workflow("deploy.yml");
  const order = Object.entries(jobs).map(([name, { needs, with: inputs }]) => [
    name,
    needs,
    inputs?.environment,
  ]);
  expect(order).toEqual([
    ["check", undefined, undefined],
    ["dev", "check", "dev"],
    ["staging", "dev", "staging"],
    ["production", "staging", "production"],
  ]);
  const { deploy } = workflow("deploy-stage.yml").jobs;
  expect(deploy).toMatchObject({
    environment: { name: expression("inputs.environment") },
    concurrency: { group: `deploy-${expression("inputs.stage")}`, "cancel-in-progress": false },
  });
  expect(deploy?.steps?.at(-1)).toMatchObject({ run: 'npx -y pnpm@12 release --stage "$STAGE"' });
});

test("a pull request has a stage of its own, not for forks, that goes when it is closed, or at night", () => {
  const { on, jobs } = workflow("preview.yml");
  expect(on).toMatchObject({
    pull_request: { types: ["opened", "synchronize", "reopened", "closed"] },
    schedule: [{ cron: "17 3 * * *" }],
  });
  expect(jobs.deploy).toMatchObject({
    if: expect.stringContaining("head.repo.full_name == github.repository"),
    with: { stage: `pr-${expression("github.event.number")}`, environment: "preview" },
  });
  expect(jobs.remove?.steps?.at(-1)).toMatchObject({ run: "npx -y pnpm@12 previews:remove" });
});
