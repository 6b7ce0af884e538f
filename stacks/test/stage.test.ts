import { expect, test } from "vitest";
import { answer } from "./synth/answers.ts";
import { stages, synthesized } from "./synthesized.ts";

test.each(stages)("%s is synthesized without an error, and says where its API is", (stage) => {
  const { errors, outputs, resources } = synthesized(stage);
  expect(errors).toEqual([]);
  expect(resources.length).toBeGreaterThan(200);
  expect(outputs).toMatchObject({ stage, api: expect.stringMatching(/^https:\/\//) });
});

test("production cannot be removed and keeps its data; another stage leaves nothing behind", () => {
  expect(synthesized("production").app).toMatchObject({ protect: true, removal: "retain" });
  expect(synthesized("dev").app).toMatchObject({ protect: false, removal: "remove" });
});

test("[A1.5] two stages share nothing: every name that AWS sees carries the stage's", () => {
  const properties = ["name", "bucket", "functionName", "layerName"];
  for (const stage of stages) {
    const other = stage === "dev" ? "production" : "dev";
    for (const { type, name, inputs } of synthesized(stage).resources) {
      if (!type.startsWith("aws:") || type.startsWith("aws:apigatewayv2/stage")) continue;
      for (const property of properties.filter((property) => typeof inputs[property] === "string")) {
        const belongs = inputs[property] === "sst-asset" || String(inputs[property]).includes(stage);
        expect(belongs, `${property} of ${name}`).toBe(true);
      }
      expect(JSON.stringify(inputs), name).not.toMatch(new RegExp(`\\b${other}-t2m-|t2m-${other}-`));
    }
  }
});

test("everything of a stage is in the region it was asked for", () => {
  expect(synthesized("production").app).toMatchObject({ providers: { aws: { region: "eu-central-1" } } });
  for (const { name, inputs } of synthesized("production").resources) {
    expect(JSON.stringify(inputs), name).not.toContain("us-east-1");
  }
});

test("a question to AWS that has no answer here is an error, not an empty answer", () => {
  expect(() => answer("aws:ec2/getAmi:getAmi", {}, "us-east-1")).toThrow(
    "No answer to aws:ec2/getAmi:getAmi",
  );
});
