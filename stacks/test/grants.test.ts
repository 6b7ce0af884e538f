import { describe, expect, test } from "vitest";
import { type Role, refused, unneeded } from "./grants/compare.ts";
import type { Call } from "./grants/policy.ts";

const bucket = "arn:aws:s3:::b-videos";
const right = (Action: string[], Resource: string[], Condition?: object) => ({
  Effect: "Allow",
  Action,
  Resource,
  ...(Condition && { Condition }),
});
const below = { StringLike: { "s3:prefix": ["users/*"] } };
const role = (...statements: Role["statements"]): Role => ({
  statements,
  inStage: ({ action, resource, prefix }) => ({ action, prefix, arn: `arn:aws:s3:::b-${resource}` }),
});
const call = (action: string, resource: string, prefix?: string): Call => ({
  function: "f",
  action,
  resource,
  ...(prefix !== undefined && { prefix }),
});
const fits = role(
  right(["s3:GetObject"], [`${bucket}/users/*`]),
  right(["s3:ListBucket"], [bucket], below),
  right(["logs:PutLogEvents"], ["*"]),
);
const asked = [call("s3:GetObject", "videos/users/id/a"), call("s3:ListBucket", "videos", "users/id/")];

test("[A8.3] a role that allows just what is asked for is right", () => {
  expect(refused(asked, () => fits)).toEqual([]);
  expect(unneeded(["f"], asked, () => fits, [])).toEqual([]);
});

describe("a call that the role does not allow is named", () => {
  test.each([
    ["another action", call("s3:PutObject", "videos/users/id/a")],
    ["another bucket", call("s3:GetObject", "uploads/users/id/a")],
    ["another prefix", call("s3:GetObject", "videos/drafts/a")],
    ["a list of all", call("s3:ListBucket", "videos", "")],
    ["a list without the condition's value", call("s3:ListBucket", "videos")],
  ])("%s", (_, one) => {
    expect(refused([...asked, one], () => fits)).toHaveLength(1);
  });
});

test("[A8.3] a right that no call needed is named, action by action and resource by resource", () => {
  const wide = role(
    right(["s3:GetObject", "s3:PutObject"], [`${bucket}/users/*`, "arn:aws:s3:::b-code/*"]),
    ...fits.statements,
  );
  expect(unneeded(["f"], asked, () => wide, [])).toEqual([
    "f never needs s3:GetObject on arn:aws:s3:::b-code/*",
    `f never needs s3:PutObject on ${bucket}/users/*`,
    "f never needs s3:PutObject on arn:aws:s3:::b-code/*",
  ]);
});

test("an exception explains a right, and one that explains nothing is named itself", () => {
  const exception = { functions: ["f"], action: "s3:ListBucket", resource: "videos", reason: "none" };
  const [first] = asked;
  if (!first) throw new Error("there is no call");
  expect(unneeded(["f"], [first], () => fits, [exception])).toEqual([]);
  expect(unneeded(["f"], asked, () => fits, [exception])).toEqual([
    "the exception of s3:ListBucket on videos for f explains nothing",
  ]);
});

test("what is not understood is not taken for a right", () => {
  const denies = role({ ...right(["s3:GetObject"], ["*"]), Effect: "Deny" });
  expect(() => refused(asked, () => denies)).toThrow("Deny");
  const dated = role(right(["s3:GetObject"], ["*"], { DateLessThan: { "aws:CurrentTime": ["2020"] } }));
  expect(() => refused(asked, () => dated)).toThrow("DateLessThan");
});
