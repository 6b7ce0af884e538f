import { expect, test } from "vitest";
import { sharedStack } from "../../src/testing.ts";

const stack = sharedStack();

test("the page, its reference and the API answer on one origin", async () => {
  const page = await fetch(`${stack.url}/`);
  expect([page.status, page.headers.get("content-type")]).toEqual([200, "text/html; charset=utf-8"]);
  const reference = await fetch(`${stack.url}/docs`);
  expect(await reference.text()).toContain("/uploads/{uploadId}");
  const health = await fetch(`${stack.apiUrl}/health?check=deep`);
  expect(health.status).toBe(200);
});

test("every schedule runs, nothing was given up, and a signed-in person has an empty list", async () => {
  for (const name of ["sweep-due", "sweep-orphans"]) await stack.runSchedule(name);

  const authorization = `Bearer ${await stack.tokenFor("Somebody new")}`;
  const jobs = await fetch(`${stack.apiUrl}/jobs`, { headers: { authorization } });

  expect([jobs.status, await jobs.json()]).toMatchObject([200, { items: [] }]);
  // How many it is depends on what others here let expire.
  await stack.expireNow();
  expect(await stack.failures()).toEqual([]);
});
