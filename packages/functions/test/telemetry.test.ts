import { log } from "@t2m/core/log";
import { telemetry } from "@t2m/functions/adapter/telemetry";
import { startServices } from "@t2m/local/testing";
import { afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";

let written: string[];
beforeAll(() => startServices());
beforeEach(() => {
  written = [];
  vi.spyOn(process.stdout, "write").mockImplementation((chunk) => {
    written.push(String(chunk));
    return true;
  });
});
afterEach(() => vi.restoreAllMocks());
const lines = () => written.map((line) => JSON.parse(line));

test("[V5.4] [A7.2] what was counted becomes metrics, zeros too, by service and stage", () => {
  telemetry("convert").publish("converted", { conversionsEnded: 1, conversionsFailed: 0, outputBytes: 7 });
  const metric = lines().find((line) => line._aws);
  expect(metric).toMatchObject({ service: "convert", stage: process.env.T2M_STAGE });
  expect(metric).toMatchObject({ conversionsEnded: 1, conversionsFailed: 0, outputBytes: 7 });
  expect(metric._aws.CloudWatchMetrics).toEqual([
    {
      Namespace: "t2m",
      Dimensions: [["service", "stage"]],
      Metrics: [
        { Name: "conversionsEnded", Unit: "Count" },
        { Name: "conversionsFailed", Unit: "Count" },
        { Name: "outputBytes", Unit: "Bytes" },
      ],
    },
  ]);
});

test("[A10.5] who did nothing publishes nothing, as each metric with data is paid for", () => {
  telemetry("sweep-due").publish("swept", { revived: 0, sweepErrors: 0 });
  expect(lines().filter((line) => line._aws)).toEqual([]);
});

test("[V5.4] a log line is JSON as it stands, so that its fields can be asked for", () => {
  log("WARN", "service unavailable", { requestId: "1" });
  expect(written).toEqual(['{"level":"WARN","message":"service unavailable","requestId":"1"}\n']);
});
