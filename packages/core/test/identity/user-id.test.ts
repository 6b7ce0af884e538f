import { UserId } from "@t2m/contract/ids";
import { userIdOf } from "@t2m/core/identity/user-id";
import { v5 } from "uuid";
import { expect, test } from "vitest";

test("a person's id follows from issuer and subject alone, as RFC 9562 makes a UUIDv5", () => {
  const issuer = "https://issuer.example/";
  expect(userIdOf(issuer, "ännä|1")).toBe(v5("ännä|1", v5(issuer, v5.URL)));
  expect(UserId.safeParse(userIdOf(issuer, "a")).success).toBe(true);
});

test("[C1.5] the same subject at another issuer is another person, and no two pairs run into each other", () => {
  const pairs = [
    ["https://a.example", "x"],
    ["https://a.example/", "x"],
    ["https://b.example", "x"],
    ["https://a.examplex", ""],
    ["https://a.example", "y"],
  ] as const;
  expect(new Set(pairs.map(([issuer, subject]) => userIdOf(issuer, subject))).size).toBe(pairs.length);
});
