import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { setScene, startIssuer } from "./release-scene.ts";

// Each release is half a dozen processes, one after the other.
vi.setConfig({ testTimeout: 90_000 });

const signedIn = { T2M_SMOKE_TOKEN: "token" };
let scene: ReturnType<typeof setScene>;
beforeEach(() => {
  scene = setScene();
});
afterEach(() => scene.end());
const release = (stage: string, more: Record<string, string> = signedIn) =>
  scene.script("release.ts", ["--stage", stage], more);

test("[A6.3] a release deploys the commit, by our Node, proves it by the smoke run and remembers it as good", async () => {
  const commit = scene.commit({ name: "first" });
  expect(await release("dev")).toMatchObject({ code: 0 });
  expect(scene.asked()).toEqual([
    "sst deploy --stage dev at first",
    "smoke --url https://first.example.org --token token at first",
  ]);
  expect(scene.lastGood("dev")).toBe(commit);
  expect(scene.lastGood("staging")).toBe("");
});

test.each([
  ["a deployment fails", { deploys: false }, "the deployment failed"],
  ["a smoke check fails", { smokes: false }, "a smoke check failed"],
] as const)(
  "[A6.5] %s: the last good commit is deployed again, and the run says so and fails",
  async (_, fault, told) => {
    const good = scene.commit({ name: "good" });
    await release("dev");
    scene.asked();
    const bad = scene.commit({ name: "bad", ...fault });
    expect((await release("dev")).code).toBe(1);
    const asked = scene.asked();
    expect(asked.slice(asked.indexOf("npx -y pnpm@12 install --frozen-lockfile"))).toEqual([
      "npx -y pnpm@12 install --frozen-lockfile",
      "sst deploy --stage dev at good",
      "smoke --url https://good.example.org --token token at good",
    ]);
    expect(scene.summary()).toContain(`dev: ${told} at ${bad}.`);
    expect(scene.summary()).toContain(`rolled back to ${good}, which passed all smoke checks.`);
    expect(scene.lastGood("dev")).toBe(good);
    expect(scene.git("worktree", "list").split("\n")).toHaveLength(1);
  },
);

test("with nothing good to go back to, or nothing better, it stays as it is and says so", async () => {
  scene.commit({ name: "first", deploys: false });
  expect((await release("dev")).code).toBe(1);
  expect(scene.summary()).toContain("there is no earlier commit that was good");
  const good = scene.commit({ name: "good" });
  await release("dev");
  scene.asked();
  scene.program("sst.mjs", "#!/bin/sh\nexit 1\n");
  scene.program("npx", "#!/bin/sh\nexit 1\n");
  scene.git("commit", "--quiet", "--allow-empty", "-m", "empty");
  scene.git("reset", "--quiet", "--hard", good);
  scene.git("clean", "-fdqx");
  expect((await release("dev")).code).toBe(1);
  expect(scene.summary()).toContain("this commit was good before, so what is wrong lies elsewhere");
});

test("a rollback that does not help either asks for somebody", async () => {
  scene.commit({ name: "good" });
  await release("dev");
  scene.commit({ name: "bad", deploys: false });
  scene.program("sst.mjs", "#!/bin/sh\nexit 1\n");
  expect((await release("dev")).code).toBe(1);
  expect(scene.summary()).toContain("did not help: the deployment failed. Somebody has to look at it now.");
});

test("the smoke run signs in by client credentials; without any nothing is deployed", async () => {
  scene.commit({ name: "first" });
  const refused = await release("dev", {});
  expect([refused.code, scene.asked()]).toEqual([1, []]);
  expect(refused.output).toContain("Set T2M_SMOKE_CLIENT or T2M_SMOKE_TOKEN");
  const issuer = await startIssuer();
  const settings = { T2M_ISSUER: issuer.url, T2M_AUDIENCE: "t2m", SECRET: "not ours" };
  const answer = await release("dev", {
    T2M_SETTINGS: JSON.stringify(settings),
    T2M_SMOKE_CLIENT: "one:s3cret",
    T2M_SMOKE_SECOND_CLIENT: "two:s3cret",
  });
  issuer.end();
  expect(answer.code).toBe(0);
  expect(issuer.requests).toHaveLength(2);
  expect(issuer.requests.map(({ authorization }) => authorization)).toContain(`Basic ${btoa("one:s3cret")}`);
  expect(issuer.requests[0]?.body).toBe("grant_type=client_credentials&audience=t2m");
  expect(scene.asked()[1]).toMatch(/--token token-\d --second-token token-\d at first$/);
  expect(answer.output).not.toContain("s3cret");
});

test("[A6.4] production is not released where GitHub would have asked nobody", async () => {
  scene.commit({ name: "first" });
  const environment = (...types: string[]) =>
    `#!/bin/sh\necho '${JSON.stringify({ protection_rules: types.map((type) => ({ type })) })}'\n`;
  const inPipeline = { ...signedIn, GITHUB_REPOSITORY: "we/t2m" };
  scene.program("gh", environment("branch_policy"));
  const refused = await release("production", inPipeline);
  expect([refused.code, scene.asked()]).toEqual([1, []]);
  expect(refused.output).toContain("Nobody has to approve of production");
  scene.program("gh", environment("branch_policy", "required_reviewers"));
  expect((await release("production", inPipeline)).code).toBe(0);
});

test("previews of pull requests that are no longer open are removed, and nothing else ever", async () => {
  scene.commit({ name: "main" });
  scene.git("push", "--quiet", "origin", "HEAD:refs/deployed/pr-7");
  const stages = ["dev", "production", "pr-7", "pr-8", "pr-7", "pr-x"];
  const tagged = stages.map((stage) => ({
    Tags: [
      { Key: "application", Value: "t2m" },
      { Key: "stage", Value: stage },
    ],
  }));
  scene.program("gh", `#!/bin/sh\necho '[{"number":8}]'\n`);
  scene.program(
    "aws",
    `#!/bin/sh\necho "aws $*" >> "$SCENE_LOG"\necho '${JSON.stringify({ ResourceTagMappingList: tagged })}'\n`,
  );
  expect(await scene.script("remove-previews.ts", [])).toMatchObject({
    code: 0,
    output: "pr-7 is removed\n",
  });
  expect(scene.asked()).toEqual([
    expect.stringMatching(/^aws resourcegroupstaggingapi get-resources .*Key=application,Values=t2m/),
    "sst remove --stage pr-7 at main",
  ]);
  expect(scene.lastGood("pr-7")).toBe("");
});
