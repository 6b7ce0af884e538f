import { sharedStack } from "@t2m/local/testing";
import { beforeAll, expect, test } from "vitest";
import { filled, good, operations } from "../support/good-requests.ts";
import { hostile } from "../support/hostile.ts";
import { arrive, type Person } from "../support/person.ts";
import { type Answer, ask, flawOf } from "../support/raw-http.ts";
import { itemsOf, objectsOf } from "../support/stored.ts";
import { badTokens } from "../support/tokens.ts";

const stack = sharedStack();
let person: Person;
beforeAll(async () => {
  Object.assign(process.env, stack.environment);
  person = await arrive(stack);
});

test.each(operations)(
  "[A8.6] %s refuses every bad request with a 4xx and a reason, and shows nothing of what is behind it",
  async (name, route) => {
    const authorization = `Bearer ${person.token}`;
    const flaws: string[] = [];
    for (const { what, request, status } of hostile(name, route)) {
      const answer = await ask(stack.apiUrl, { ...request, headers: { authorization, ...request.headers } });
      const flaw =
        flawOf(answer) ?? (status && answer.status !== status ? `status ${answer.status}` : undefined);
      if (flaw) flaws.push(`${what}: ${flaw}`);
    }
    expect(flaws).toEqual([]);
  },
);

test("[A8.6] [C3.5] a forged, expired, foreign or missing token opens no operation", async () => {
  const tokens = badTokens(stack.directory, person.token);
  const bearers = Object.entries(tokens).map(([what, token]) => [what, `Bearer ${token}`] as const);
  const others = [
    ["missing", ""],
    ["of another scheme", "Basic YTpi"],
    ["doubled", `Bearer ${person.token}, Bearer x`],
  ] as const;
  const wrong: string[] = [];
  for (const [name, route] of operations.filter(([, { access }]) => access === "user")) {
    for (const [what, authorization] of [...bearers, ...others]) {
      const request = good(name, route);
      const headers = { ...request.headers, ...(authorization && { authorization }) };
      const answer: Answer = await ask(stack.apiUrl, { ...request, headers });
      const flaw = answer.status === 401 ? flawOf(answer) : `status ${answer.status}`;
      if (flaw) wrong.push(`${name}, ${what}: ${flaw}`);
    }
    const inQuery = { ...good(name, route), path: `${filled(route.path)}?access_token=${person.token}` };
    if ((await ask(stack.apiUrl, inQuery)).status !== 401) wrong.push(`${name}: a token in its address`);
  }
  expect(wrong).toEqual([]);
});

test("[A8.6] nothing of all this is stored", async () => {
  expect(await itemsOf(stack.dynamodb, person.userId)).toEqual([]);
  expect(await objectsOf(person.userId)).toEqual([]);
});
