import { execFile, execFileSync } from "node:child_process";
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { delimiter, join, resolve } from "node:path";
import { text } from "node:stream/consumers";
import { promisify } from "node:util";

const root = resolve(import.meta.dirname, "../../..");
const run = promisify(execFile);

/** How a commit of the scene behaves once it is released. */
export type Release = { name: string; deploys?: false; smokes?: false };

/** A program that does what is asked of it and writes down that it was asked. */
const fakeSst = `#!/usr/bin/env node
import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
const { name, deploys } = JSON.parse(readFileSync("release.json", "utf8"));
appendFileSync(process.env.SCENE_LOG, ["sst", ...process.argv.slice(2), "at", name].join(" ") + "\\n");
mkdirSync(".sst", { recursive: true });
writeFileSync(".sst/outputs.json", JSON.stringify({ url: "https://" + name + ".example.org" }));
process.exit(deploys === false ? 1 : 0);
`;
const fakeSmoke = `import { appendFileSync, readFileSync } from "node:fs";
const { name, smokes } = JSON.parse(readFileSync("release.json", "utf8"));
appendFileSync(process.env.SCENE_LOG, ["smoke", ...process.argv.slice(2), "at", name].join(" ") + "\\n");
process.exit(smokes === false ? 1 : 0);
`;
/** Installing a checkout brings its SST. */
const fakeNpx = `#!/bin/sh
echo "npx $*" >> "$SCENE_LOG"
mkdir -p stacks/node_modules/.bin && cp "$SCENE_SST" stacks/node_modules/.bin/sst
`;

/** A repository with an origin, and stand-ins for whatever would reach out to AWS and GitHub. */
export function setScene() {
  const folder = mkdtempSync(join(tmpdir(), "t2m-pipeline-"));
  const work = join(folder, "work");
  const bin = join(folder, "bin");
  const log = join(folder, "log");
  const summary = join(folder, "summary");
  mkdirSync(bin);
  const program = (name: string, content: string) => {
    writeFileSync(join(bin, name), content);
    chmodSync(join(bin, name), 0o755);
  };
  const git = (...args: string[]) =>
    execFileSync("git", ["-c", "user.name=t", "-c", "user.email=t@example.org", ...args], {
      cwd: work,
      encoding: "utf8",
    }).trim();

  execFileSync("git", ["init", "--quiet", "--bare", join(folder, "origin")]);
  execFileSync("git", ["clone", "--quiet", join(folder, "origin"), work], { stdio: "ignore" });
  program("sst.mjs", fakeSst);
  program("npx", fakeNpx);
  // Whatever runs by this one has not found ours.
  program("node", "#!/bin/sh\nexit 9\n");
  mkdirSync(join(work, "stacks/node_modules/.bin"), { recursive: true });
  cpSync(join(bin, "sst.mjs"), join(work, "stacks/node_modules/.bin/sst"));
  mkdirSync(join(work, "scripts"));
  cpSync(join(root, "scripts/sst.ts"), join(work, "scripts/sst.ts"));
  writeFileSync(join(work, "scripts/smoke.ts"), fakeSmoke);
  writeFileSync(join(work, "package.json"), '{ "type": "module" }');
  writeFileSync(join(work, ".gitignore"), "node_modules\n.sst\n");

  const environment = (more: Record<string, string>) => ({
    PATH: [bin, process.env.PATH].join(delimiter),
    HOME: folder,
    SCENE_LOG: log,
    SCENE_SST: join(bin, "sst.mjs"),
    GITHUB_STEP_SUMMARY: summary,
    ...more,
  });
  const read = (file: string) => (existsSync(file) ? readFileSync(file, "utf8") : "");
  return {
    program,
    git,
    /** Commits what a release is to do, and gives the commit. */
    commit(release: Release) {
      writeFileSync(join(work, "release.json"), JSON.stringify(release));
      git("add", ".");
      git("commit", "--quiet", "-m", release.name);
      git("push", "--quiet", "origin", "HEAD");
      return git("rev-parse", "HEAD");
    },
    /** Runs one of the pipeline's scripts in the repository. */
    async script(name: string, args: string[], more: Record<string, string> = {}) {
      return await run(process.execPath, [join(root, "scripts", name), ...args], {
        cwd: work,
        env: environment(more),
      }).then(
        ({ stdout, stderr }) => ({ code: 0, output: stdout + stderr }),
        (error: { code: number; stdout: string; stderr: string }) => ({
          code: error.code,
          output: error.stdout + error.stderr,
        }),
      );
    },
    /** What was asked of the stand-ins since the last time. */
    asked() {
      const lines = read(log).split("\n").filter(Boolean);
      rmSync(log, { force: true });
      return lines;
    },
    summary: () => read(summary),
    lastGood: (stage: string) => git("ls-remote", "origin", `refs/deployed/${stage}`).split(/\s/)[0] ?? "",
    end: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** An issuer that gives tokens to clients. `end` stops it. */
export async function startIssuer() {
  const requests: { authorization: string | undefined; body: string }[] = [];
  const server = createServer(async (request, response) => {
    response.setHeader("content-type", "application/json");
    if (request.url === "/.well-known/openid-configuration") {
      return response.end(JSON.stringify({ token_endpoint: `${url}/token` }));
    }
    requests.push({ authorization: request.headers.authorization, body: await text(request) });
    return response.end(JSON.stringify({ access_token: `token-${requests.length}` }));
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("The issuer has no port");
  const url = `http://127.0.0.1:${address.port}`;
  return { url, requests, end: () => server.close() };
}
