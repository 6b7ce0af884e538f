import { existsSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { connect } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { isAlive, until } from "../lambda/support.ts";
import { rawRequest, type Stage, startStage } from "./support.ts";

let stage: Stage;
beforeAll(async () => {
  stage = await startStage();
});
afterAll(() => stage.stop());

test("a streaming route gets a function URL's event: prefix stripped, path as sent, no authorizer", async () => {
  const { text, headers, status } = await rawRequest(stage.gateway.port, "/api/jobs/a%20b/event?x=1", {
    headers: { authorization: "Bearer whatever", "last-event-id": "7" },
  });
  expect(status).toBe(200);
  expect(headers).toMatchObject({ "content-type": "text/event-stream", "set-cookie": ["seen=1"] });
  const event = JSON.parse(text);
  expect(event).toMatchObject({
    version: "2.0",
    routeKey: "$default",
    rawPath: "/jobs/a%20b/event",
    queryStringParameters: { x: "1" },
    headers: { authorization: "Bearer whatever", "last-event-id": "7" },
    requestContext: {
      accountId: "anonymous",
      routeKey: "$default",
      stage: "$default",
      http: { method: "GET", path: "/jobs/a%20b/event" },
    },
    isBase64Encoded: false,
  });
  expect(event).not.toHaveProperty("pathParameters");
  expect(event.requestContext).not.toHaveProperty("authorizer");
});

test("[A2.3] pieces of a stream leave the gateway as the function sends them, none waits for the next", async () => {
  const seen = join(stage.directory, "seen-");
  const response = await fetch(`${stage.gateway.url}/api/jobs/1/steps?seen=${seen}`, {
    headers: { origin: "https://app.example.com" },
  });
  expect(response.headers.get("access-control-allow-origin")).toBe("https://app.example.com");
  let count = 0;
  for await (const piece of response.body ?? []) {
    count += 1;
    expect(Buffer.from(piece).toString()).toBe(`data: ${count}\n\n`);
    // The function sends the next piece only after this.
    writeFileSync(seen + count, "");
  }
  expect(count).toBe(3);
});

test("an error before the first byte is 502, one in the middle cuts the connection", async () => {
  expect(await rawRequest(stage.gateway.port, "/api/jobs/1/refused")).toMatchObject({
    status: 502,
    text: "Internal Server Error",
  });
  const response = await fetch(`${stage.gateway.url}/api/jobs/1/cut`);
  expect(response.status).toBe(200);
  await expect(response.text()).rejects.toThrow();
});

test("when the reader leaves, the function runs on to its end and its sandbox is free again", async () => {
  const done = join(stage.directory, "done");
  const outgoing = request(`${stage.gateway.url}/api/jobs/1/endless?until=${done}`).end();
  const response = await new Promise<NodeJS.ReadableStream>((resolve) => outgoing.once("response", resolve));
  await new Promise((resolve) => response.once("data", resolve));
  outgoing.on("error", () => undefined).destroy();
  writeFileSync(done, "");
  await until(() => existsSync(`${done}.seen`));
  await until(() => stage.pools.streaming.sandboxes().every(({ state }) => state === "idle"));
});

test("stop ends within two seconds with a stream, a slow call and idle connections, and leaves no child", async () => {
  const stopped = await startStage();
  const { port } = stopped.gateway;
  const idle = connect(port, "127.0.0.1");
  const half = connect(port, "127.0.0.1");
  half.write("POST /api/told HTTP/1.1\r\nhost: localhost\r\ncontent-length: 9\r\n\r\nhalf");
  for (const socket of [idle, half]) socket.on("error", () => undefined);
  onTestFinished(() => {
    idle.destroy();
    half.destroy();
  });
  const slow = rawRequest(port, "/api/told", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: '{"waitMs":60000}',
  });
  const slowEnd = expect(slow).rejects.toThrow();
  const never = join(stopped.directory, "never");
  const stream = await fetch(`${stopped.gateway.url}/api/jobs/1/endless?until=${never}`);
  const streamEnd = expect(stream.text()).rejects.toThrow();
  const pools = Object.values(stopped.pools);
  await until(() => pools.every((pool) => pool.sandboxes().some(({ state }) => state === "busy")));
  const pids = pools.flatMap((pool) => pool.sandboxes().map(({ pid }) => Number(pid)));

  const start = performance.now();
  await stopped.stop();
  expect(performance.now() - start).toBeLessThan(2_000);
  await Promise.all([slowEnd, streamEnd]);
  expect(pids.filter(isAlive)).toEqual([]);
  await expect(fetch(stopped.gateway.url)).rejects.toThrow();
});
