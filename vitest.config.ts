import { defineConfig } from "vitest/config";

const everyTest = ["packages/*/test/**/*.test.ts", "scripts/test/**/*.test.ts"];
const stackTests = "**/*.stack.test.ts";
const wholeTests = "**/*.whole.test.ts";

/**
 * `unit` tests run side by side; those that need S3 or DynamoDB ask `@t2m/local/testing` for a stage of their own.
 * `*.stack.test.ts` run against one whole stack that is started for them, and share a browser. `stacks` tests look
 * at what SST would deploy. `*.whole.test.ts` come last and look back on what all the others did.
 */
export default defineConfig({
  test: {
    // Only a failure waits so long: a busy machine is no reason for one.
    testTimeout: 60_000,
    expect: { poll: { timeout: 15_000 } },
    hookTimeout: 120_000,
    // Vitest leaves one core to itself; these tests mostly wait for other processes.
    maxWorkers: "100%",
    projects: [
      {
        extends: true,
        test: {
          name: "unit",
          include: everyTest,
          exclude: [stackTests, "**/node_modules/**"],
          globalSetup: "packages/local/src/testing/services-setup.ts",
        },
      },
      {
        extends: true,
        test: {
          name: "stack",
          include: ["{packages/*,scripts}/test/**/*.stack.test.ts"],
          testTimeout: 240_000,
          globalSetup: [
            "packages/local/src/testing/stack-setup.ts",
            "packages/local/src/testing/browser-setup.ts",
          ],
        },
      },
      {
        extends: true,
        test: {
          name: "stacks",
          include: ["stacks/test/**/*.test.ts"],
          exclude: [wholeTests, "**/node_modules/**"],
          globalSetup: "stacks/test/synth/setup.ts",
        },
      },
      {
        extends: true,
        test: {
          name: "whole",
          include: [`stacks/test/${wholeTests}`],
          globalSetup: "stacks/test/synth/setup.ts",
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
