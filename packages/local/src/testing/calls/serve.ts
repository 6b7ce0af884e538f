import { readdirSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { listen } from "../listen.ts";

/** Gives what stacks have recorded so far, and whether every test file of the project has run by then. */
export async function serveCalls(
  project: TestProject,
  folder: string,
): Promise<{ url: string; stop: () => void }> {
  const server = createServer(async (_request, response) => {
    const calls = readdirSync(folder).flatMap((name) =>
      readFileSync(join(folder, name), "utf8").split("\n").filter(Boolean),
    );
    const isWhole = await hasRunWhole(project);
    response.end(`{"isWhole":${isWhole},"calls":[${[...new Set(calls)].join()}]}`);
  });
  return await listen(server);
}

async function hasRunWhole(project: TestProject): Promise<boolean> {
  const { testFiles } = await project.globTestFiles();
  const modules = project.vitest.state.getTestModules().filter((module) => module.project === project);
  const ran = new Set(modules.map(({ moduleId }) => moduleId));
  return !project.vitest.getGlobalTestNamePattern() && testFiles.every((file) => ran.has(file));
}
