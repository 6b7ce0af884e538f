import { globSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";

const rooms: Record<string, readonly string[]> = {
  contract: [],
  core: ["contract"],
  functions: ["contract", "core"],
  local: ["contract", "core", "functions"],
  client: ["contract"],
  web: ["contract", "client"],
  stacks: ["contract", "functions/manifest", "functions/bundle"],
  scripts: ["contract", "core", "client", "functions", "local"],
};

const sources = globSync("{packages/*/src,stacks,scripts}/**/*.{ts,tsx}").filter(
  (file) => !file.includes("node_modules") && !file.includes("/test/"),
);
const roomOf = (file: string) => file.replace(/^packages\//, "").split("/")[0] ?? "";

function importsOf(file: string): string[] {
  const found = readFileSync(file, "utf8").matchAll(/(?:from|import)\s*\(?\s*["']([^"']+)["']/g);
  return [...found].map(([, specifier = ""]) => specifier);
}

test("rooms import only in the direction that the design allows", () => {
  expect(sources.length).toBeGreaterThan(50);
  const wrong = sources.flatMap((file) => {
    const room = roomOf(file);
    const allowed = [room, ...(rooms[room] ?? [])];
    return importsOf(file)
      .filter((specifier) => specifier.startsWith("@t2m/"))
      .map((specifier) => specifier.slice("@t2m/".length))
      .filter((target) => !allowed.some((prefix) => target === prefix || target.startsWith(`${prefix}/`)))
      .map((target) => `${file} imports ${target}`);
  });
  expect(wrong).toEqual([]);
});

test("no room reaches into another by a relative path", () => {
  const wrong = sources.flatMap((file) =>
    importsOf(file)
      .filter((specifier) => specifier.startsWith("."))
      .map((specifier) => new URL(specifier, `file:///${file}`).pathname.slice(1))
      .filter((target) => roomOf(target) !== roomOf(file))
      .map((target) => `${file} reaches ${target}`),
  );
  expect(wrong).toEqual([]);
});

test("[V5.5] only core/config reads the environment on the way to production", () => {
  const wrong = sources
    .filter((file) => /^packages\/(contract|core|functions|web)\//.test(file))
    .filter((file) => file !== "packages/core/src/config.ts")
    .filter((file) => /process\.env\b/.test(readFileSync(file, "utf8")));
  expect(wrong).toEqual([]);
});

test("[C1.4] [C4.1] [C4.2] [C4.3] [C4.4] [C4.5] nothing here knows a Redis client", () => {
  const manifests = globSync(
    "{package.json,packages/*/package.json,stacks/package.json,scripts/package.json}",
  );
  const tests = globSync("{packages,stacks,scripts}/**/*.test.ts", {
    exclude: (name) => name === "node_modules",
  });
  const wrong = [...manifests, ...sources, ...tests, "pnpm-lock.yaml"]
    .filter((file) => !file.endsWith("house.test.ts"))
    .filter((file) =>
      /\b(ioredis|node-redis|redis-mock|@redis\/|["']redis["']|redis@\d)/i.test(readFileSync(file, "utf8")),
    );
  expect(wrong).toEqual([]);
});

test("comments and names carry no path of a machine and no registry", () => {
  const files = [...sources, ...globSync("docs/**/*.md"), "README.md", "AGENTS.md", "package.json"];
  const wrong = files.filter((file) =>
    /\/(home|root|work|Users)\/[a-z]|https?:\/\/registry\./.test(readFileSync(file, "utf8")),
  );
  expect(wrong).toEqual([]);
});
