import { describe, expect, test } from "vitest";
import { everyStage, type Resource, synthesized } from "./synthesized.ts";

/** What AWS calls a thing by, whatever the kind of thing. */
const names = ["name", "bucket", "functionName", "layerName", "identifier", "alarmName", "dashboardName"];
/** Children whose names are only unique below a parent of the stage's. */
const below = /^aws:apigatewayv2\/(stage|authorizer)|^aws:backup\/restoreTestingSelection|^aws:route53\//;

const namedByUs = ({ type }: Resource) => type.startsWith("aws:") && !below.test(type);

describe.each(everyStage)("%s", (stage) => {
  const { resources } = synthesized(stage);
  const others = everyStage.filter((other) => other !== stage);

  test("[A1.5] [V5.1] every name that AWS sees carries the stage's", () => {
    for (const { name, inputs } of resources.filter(namedByUs)) {
      for (const property of names.filter((property) => typeof inputs[property] === "string")) {
        const belongs = inputs[property] === "sst-asset" || String(inputs[property]).includes(stage);
        expect(belongs, `${property} of ${name}: ${inputs[property]}`).toBe(true);
      }
    }
  });

  test("[A1.5] [V5.1] nothing of it names anything of another stage's", () => {
    for (const { name, inputs } of resources) {
      for (const other of others) {
        expect(JSON.stringify(inputs), name).not.toMatch(new RegExp(`\\b${other}[-_]t2m|t2m[-_]${other}\\b`));
      }
    }
  });

  test("[V5.1] it has buckets, a table and a database of its own", () => {
    const own = (type: string, property: string) =>
      resources
        .filter((resource) => resource.type === type)
        .every(({ inputs }) => String(inputs[property]).startsWith(`${stage}-t2m`));
    expect(own("aws:s3/bucket:Bucket", "bucket")).toBe(true);
    expect(own("aws:dynamodb/table:Table", "name")).toBe(true);
    expect(own("aws:rds/instance:Instance", "identifier")).toBe(true);
  });
});
