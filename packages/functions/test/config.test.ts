import { expect, test, vi } from "vitest";
import { ask, problemOf } from "./support/request.ts";

test("[V5.5] [C7.4] a function without its variables says so when it is loaded, all at once, and answers 500", async () => {
  for (const name of Object.keys(process.env)) if (/^(T2M|AWS)_/.test(name)) vi.stubEnv(name, undefined);
  vi.stubEnv("T2M_STAGE", "test");
  const logged = vi.spyOn(process.stdout, "write").mockImplementation(() => true);
  const { handler } = await import("@t2m/functions/http/list-presets");
  expect(logged).toHaveBeenCalledTimes(1);
  const { message, problems } = JSON.parse(String(logged.mock.calls[0]?.[0]));
  expect(message).toBe("this function is not configured");
  expect(problems).toContain("T2M_LIVE_TABLE is missing");
  expect(problems).toContain("AWS_REGION is missing");
  expect(problems).not.toContain("T2M_STAGE is missing");
  const response = await ask(handler);
  expect([response.status, problemOf(response).code]).toEqual([500, "internal"]);
  expect(response.text).not.toContain("T2M_");
});
