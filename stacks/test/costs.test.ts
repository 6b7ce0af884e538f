import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { expect, test } from "vitest";
import { alwaysFree, atRest } from "../../scripts/costs/at-rest.ts";
import { ofConversions } from "../../scripts/costs/conversions.ts";
import { renderCosts } from "../../scripts/costs/page.ts";
import { type Prices, total } from "../../scripts/costs/prices.ts";
import { everyStage, synthesized } from "./synthesized.ts";

const root = resolve(import.meta.dirname, "../..");
const prices: Prices = JSON.parse(readFileSync(resolve(root, "stacks/prices.json"), "utf8"));
const resourcesOf = Object.fromEntries(everyStage.map((stage) => [stage, synthesized(stage).resources]));
const dev = synthesized("dev");

test("[A10.4] docs/costs.md says what each stage costs at rest and in use: `pnpm stacks:docs` writes it anew", async () => {
  const page = resolve(root, "docs/costs.md");
  await expect(renderCosts(resourcesOf, prices)).toMatchFileSnapshot(page);
});

test("[A10.5] at rest, dev has nothing that is paid by the hour, and costs a few dollars a month", () => {
  const hourly = [
    ...["aws:rds/instance:Instance", "aws:ec2/vpcEndpoint:VpcEndpoint"],
    ...["aws:ec2/natGateway:NatGateway", "aws:ec2/eip:Eip", "aws:rds/proxy:Proxy", "aws:wafv2/webAcl:WebAcl"],
    "aws:lambda/provisionedConcurrencyConfig:ProvisionedConcurrencyConfig",
  ];
  expect(hourly.flatMap(dev.all)).toEqual([]);
  const [table] = dev.all("aws:dynamodb/table:Table");
  expect(table?.inputs.billingMode).toBe("PAY_PER_REQUEST");
  expect(total(atRest(dev.resources, prices))).toBeLessThan(12);
  // What an account has for nothing, for ever, is enough for most of it.
  expect(total(alwaysFree(atRest(dev.resources, prices), prices))).toBeLessThan(4);
});

test("a conversion costs what it uses: a thousand times as many cost a thousand times as much", () => {
  const thousand = total(ofConversions(1_000, dev.resources, prices));
  expect(total(ofConversions(1_000_000, dev.resources, prices)) / thousand).toBeCloseTo(1000);
  expect(thousand).toBeLessThan(10);
});

test("what has no price is an error, not free", () => {
  const instance = {
    type: "aws:rds/instance:Instance",
    inputs: { instanceClass: "db.x99", allocatedStorage: 20 },
  };
  expect(() => atRest([instance], prices)).toThrow("db.x99PerHour");
});
