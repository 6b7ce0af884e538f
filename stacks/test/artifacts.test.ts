import { functions } from "@t2m/functions/manifest";
import { expect, test } from "vitest";
import { stages, synthesized } from "./synthesized.ts";

const names = Object.keys(functions);

/** Where a stage's functions take their code from, by function. */
function codeOf(stage: (typeof stages)[number]): Record<string, string> {
  const { lambda } = synthesized(stage);
  return Object.fromEntries(names.map((name) => [name, String(lambda(name).inputs.s3Key)]));
}

test("[A2.1] [A6.2] what is built is kept by its digest, and every stage runs the very same", () => {
  for (const key of Object.values(codeOf("production")))
    expect(key).toMatch(/^assets\/\w+-code-[0-9a-f]{64}\.zip$/);
  for (const stage of stages) expect(codeOf(stage)).toEqual(codeOf("production"));
});

test.each(stages)(
  "[A10.1] [A10.2] %s takes the cheaper of what does the work, and nothing in advance",
  (stage) => {
    const { all, lambda, only } = synthesized(stage);
    for (const [name, spec] of Object.entries(functions)) {
      const { architectures, memorySize } = lambda(name).inputs;
      // The binaries of the layer are for x86_64 only.
      expect(architectures, name).toEqual(["layers" in spec ? "x86_64" : "arm64"]);
      expect(memorySize, name).toBe(spec.memoryMb);
    }
    expect(only("aws:dynamodb/table:Table").inputs.billingMode).toBe("PAY_PER_REQUEST");
    for (const { inputs } of all("aws:rds/instance:Instance")) {
      expect(inputs).toMatchObject({
        instanceClass: stage === "production" ? "db.t4g.medium" : "db.t4g.micro",
        storageType: "gp3",
      });
    }
  },
);

test.each(stages)(
  "[A2.6] [A9.1] [A9.2] in %s nothing keeps what answers people from becoming as many as are asked",
  (stage) => {
    const { all, lambda } = synthesized(stage);
    const answering = all("aws:apigatewayv2/integration:Integration").map(({ inputs }) =>
      String(inputs.integrationUri),
    );
    expect(answering.length).toBeGreaterThan(10);
    for (const arn of answering) {
      const name = arn.split(`${stage}-t2m-`).at(-1) ?? "";
      expect(lambda(name).inputs.reservedConcurrentExecutions, name).toBeUndefined();
    }
  },
);
