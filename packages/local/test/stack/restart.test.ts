import { afterAll, expect, test } from "vitest";
import { freePort } from "../../src/processes/port.ts";
import { choosePort } from "../../src/stack/port.ts";
import { hasItem, putItem, putObject, seenBy, startSmallStack, temporaryDirectory } from "./support.ts";

const directory = temporaryDirectory();
afterAll(directory.remove);

test("[C5.4] a restart keeps address, tokens, items, objects and the place in the stream", async () => {
  const options = { mode: "dev", isWatching: false, hasPage: false, hasPostgres: false } as const;
  const first = await startSmallStack(directory.path, { ...options, port: await freePort() });
  const authorization = `Bearer ${await first.tokenFor("Ada")}`;
  await putItem(first.dynamodb, "kept");
  await putItem(first.dynamodb, "old", 1_700_000_000);
  await putObject(first.s3, first.stage, "users/one/kept");
  await first.expiry.expireNow();
  await expect.poll(() => seenBy(directory.path, "on-stream"), { timeout: 15_000 }).toHaveLength(1);
  await expect.poll(() => seenBy(directory.path, "on-object"), { timeout: 15_000 }).toHaveLength(1);
  await first.stop();

  const second = await startSmallStack(directory.path, { ...options, port: Number(new URL(first.url).port) });

  expect((await fetch(`${second.apiUrl}/private`, { headers: { authorization } })).status).toBe(200);
  expect(await hasItem(second.dynamodb, "kept")).toBe(true);
  await putItem(second.dynamodb, "old too", 1_700_000_000);
  await second.expiry.expireNow();
  await expect
    .poll(() => seenBy(directory.path, "on-stream").map(({ item, by }) => [item, by]), { timeout: 15_000 })
    .toEqual([
      ["old", "dynamodb.amazonaws.com"],
      ["old too", "dynamodb.amazonaws.com"],
    ]);
  expect(seenBy(directory.path, "on-object")).toHaveLength(1);
  await second.stop();
});

test("without a port of the developer's choice, a development stack keeps the one it had", async () => {
  const state = { directory: `${directory.path}/ports`, isStable: true };

  const first = await choosePort(state);

  expect(await choosePort(state)).toBe(first);
  expect(await choosePort({ ...state, isStable: false })).not.toBe(first);
});
