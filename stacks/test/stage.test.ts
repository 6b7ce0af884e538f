import { expect, test } from "vitest";
import { answer } from "./synth/answers.ts";
import { stages as variablesOf } from "./synth/stages.ts";
import { everyStage, synthesized } from "./synthesized.ts";

test.each(everyStage)("%s is synthesized without an error, and says where it is", (stage) => {
  const { errors, outputs, resources } = synthesized(stage);
  expect(errors).toEqual([]);
  expect(resources.length).toBeGreaterThan(250);
  expect(outputs).toMatchObject({ stage });
});

test("production cannot be removed and keeps its data; another stage leaves nothing behind", () => {
  expect(synthesized("production").app).toMatchObject({ protect: true, removal: "retain" });
  for (const stage of everyStage.filter((each) => each !== "production")) {
    expect(synthesized(stage).app).toMatchObject({ protect: false, removal: "remove" });
  }
});

test("[A1.3] [A11.2] everything of a stage is in its region, but what a second region or the CDN has to have", () => {
  const elsewhere = [variablesOf.production.T2M_REPLICA_REGION, "us-east-1"];
  expect(synthesized("production").app).toMatchObject({ providers: { aws: { region: "eu-central-1" } } });
  for (const { name, inputs } of synthesized("production").resources) {
    const { region = "eu-central-1" } = inputs;
    expect(["eu-central-1", ...elsewhere], name).toContain(region);
  }
});

test("a question to AWS that has no answer here is an error, not an empty answer", () => {
  expect(() => answer("aws:ec2/getAmi:getAmi", {}, "us-east-1")).toThrow(
    "No answer to aws:ec2/getAmi:getAmi",
  );
});
