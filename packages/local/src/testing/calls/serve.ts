import { readdirSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import type { TestProject } from "vitest/node";

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
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" && address ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}`,
    stop: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

async function hasRunWhole(project: TestProject): Promise<boolean> {
  const { testFiles } = await project.globTestFiles();
  const modules = project.vitest.state.getTestModules().filter((module) => module.project === project);
  const ran = new Set(modules.map(({ moduleId }) => moduleId));
  return !project.vitest.getGlobalTestNamePattern() && testFiles.every((file) => ran.has(file));
}
