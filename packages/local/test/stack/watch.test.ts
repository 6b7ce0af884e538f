import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { manifest, startSmallStack, temporaryDirectory } from "./support.ts";

const directory = temporaryDirectory();
afterAll(directory.remove);

test("a changed handler runs at the next call; one that does not build is said in the log and the old one stays", async () => {
  const sourceDirectory = join(directory.path, "handlers");
  cpSync(manifest.sourceDirectory ?? "", sourceDirectory, { recursive: true });
  const log: string[] = [];
  const stack = await startSmallStack(directory.path, {
    manifest: { ...manifest, sourceDirectory },
    isWatching: true,
    log: (part, line, level) => log.push(`${part} ${level}: ${line}`),
  });
  const handler = join(sourceDirectory, "hello.ts");
  const source = readFileSync(handler, "utf8");
  const greeting = async () => {
    const { greeting: said }: { greeting: string } = await (await fetch(`${stack.apiUrl}/hello`)).json();
    return said;
  };
  expect(await greeting()).toBe("hello");

  writeFileSync(handler, source.replace('"hello"', '"good day"'));
  await expect.poll(greeting, { timeout: 10_000 }).toBe("good day");

  writeFileSync(handler, source.replace('"hello"', "}"));
  await expect.poll(() => log.join("\n"), { timeout: 10_000 }).toMatch(/bundle error: .*hello\.ts:\d+/);
  expect(await greeting()).toBe("good day");
  await stack.stop();
});
