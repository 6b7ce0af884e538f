import { Validator } from "@seriousme/openapi-schema-validator";
import { describe, expect, it } from "vitest";
import { api, type Operation } from "../src/api.ts";
import { JobEvent, JobProgress } from "../src/jobs.ts";
import { examples } from "../src/openapi/examples.ts";
import { buildOpenApi } from "../src/openapi.ts";

const operations: [string, Operation][] = Object.entries(api);
// What a reader gets: through JSON, without what JSON drops.
const document = JSON.parse(JSON.stringify(buildOpenApi()));

describe("the OpenAPI document", () => {
  it("is valid OpenAPI 3.1, every reference included", async () => {
    const result = await new Validator().validate(structuredClone(document));
    expect(result).toMatchObject({ valid: true });
    const text = JSON.stringify(document);
    const references = new Set(
      [...text.matchAll(/"\$ref":"#\/components\/(\w+)\/(\w+)"/g)].map((m) => m.slice(1)),
    );
    expect(references.size).toBeGreaterThan(10);
    for (const [kind = "", name = ""] of references)
      expect(document.components[kind], name).toHaveProperty(name);
    expect(text.match(/"\$ref"/g)?.length).toBe(text.match(/"\$ref":"#\/components\/\w+\/\w+"/g)?.length);
  });

  it.each(operations)("tells all of %s: its address, parameters, sign-in and refusals", (name, operation) => {
    const { route } = operation;
    const described = document.paths[route.path][route.method.toLowerCase()];
    expect(described.operationId).toBe(name);
    const inPath = [...route.path.matchAll(/\{(\w+)\}/g)].map((match) => match[1]);
    const parameters: { name: string; in: string }[] = described.parameters ?? [];
    expect(parameters.filter((p) => p.in === "path").map((p) => p.name)).toEqual(inPath);
    expect(described.security).toEqual(route.access === "user" ? [{ bearer: [] }] : []);
    const codes = JSON.stringify(described.responses);
    for (const code of operation.errors) expect(codes).toContain(`"${code}"`);
  });

  it.each(operations)("shows an example of %s that the contract itself accepts", (name, operation) => {
    const { request, response } = examples[name as keyof typeof examples] ?? {};
    if (operation.route.body) operation.route.body.parse(request);
    if (operation.response && name !== "listPresets")
      operation.response.parse(JSON.parse(JSON.stringify(response)));
  });

  it("shows events that the contract accepts", () => {
    const lines = String(examples.streamJob?.response).matchAll(/(id: \d+\n)?event: .*\ndata: (.*)/g);
    const parsed = [...lines].map(([, id, data = ""]) =>
      (id ? JobEvent : JobProgress).parse(JSON.parse(data)),
    );
    expect(parsed).toHaveLength(3);
  });
});
