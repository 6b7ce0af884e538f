import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { rawRequest, type Stage, startStage } from "./support.ts";

let stage: Stage;
beforeAll(async () => {
  stage = await startStage();
});
afterAll(() => stage.stop());

function get(path: string, headers: Record<string, string> = {}) {
  return rawRequest(stage.gateway.port, path, { headers });
}

function tell(told: unknown) {
  return rawRequest(stage.gateway.port, "/api/told", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(told),
  });
}

test("a function gets API Gateway's event, payload format 2.0, field by field", async () => {
  const token = await stage.signIn("Ada");
  const { port } = stage.gateway;
  const { text } = await rawRequest(port, "/api/jobs/a%20b%2Fc?x=1&x=2&empty=&q=gr%C3%BC%C3%9F+e", {
    headers: {
      Host: `127.0.0.1:${port}`,
      Authorization: `Bearer ${token}`,
      Cookie: "a=1; b=2",
      "User-Agent": "golden",
      "X-Twice": ["one", "two"],
      "X-Forwarded-For": "10.0.0.9",
    },
  });
  expect(JSON.parse(text)).toEqual({
    version: "2.0",
    routeKey: "GET /jobs/{jobId}",
    rawPath: "/jobs/a b/c",
    rawQueryString: "x=1&x=2&empty=&q=gr%C3%BC%C3%9F+e",
    cookies: ["a=1", "b=2"],
    headers: {
      authorization: `Bearer ${token}`,
      host: `127.0.0.1:${port}`,
      "user-agent": "golden",
      "x-forwarded-for": "10.0.0.9, 127.0.0.1",
      "x-forwarded-port": String(port),
      "x-forwarded-proto": "http",
      "x-twice": "one,two",
    },
    queryStringParameters: { x: "1,2", empty: "", q: "grüß e" },
    pathParameters: { jobId: "a b/c" },
    requestContext: {
      accountId: "000000000000",
      apiId: "local",
      authorizer: {
        jwt: {
          claims: {
            iss: stage.issuer.url,
            sub: "ada",
            aud: "t2m-test",
            name: "Ada",
            email: "ada@example.com",
            client_id: "t2m",
            scope: "openid profile email",
            exp: expect.stringMatching(/^\d{10}$/),
            iat: expect.stringMatching(/^\d{10}$/),
            jti: expect.any(String),
            sid: expect.any(String),
          },
          scopes: null,
        },
      },
      domainName: `127.0.0.1:${port}`,
      domainPrefix: "127",
      http: {
        method: "GET",
        path: "/jobs/a b/c",
        protocol: "HTTP/1.1",
        sourceIp: "127.0.0.1",
        userAgent: "golden",
      },
      requestId: expect.stringMatching(/^[\w+/]{15}=$/),
      routeKey: "GET /jobs/{jobId}",
      stage: "$default",
      time: expect.stringMatching(/^\d\d\/[A-Z][a-z]{2}\/\d{4}:\d\d:\d\d:\d\d \+0000$/),
      timeEpoch: expect.toSatisfy((time: number) => Math.abs(time - Date.now()) < 60_000),
    },
    isBase64Encoded: false,
  });
});

test("a public route has neither authorizer nor parameters in its event", async () => {
  const event = JSON.parse((await get("/api/public")).text);
  expect(event.requestContext).not.toHaveProperty("authorizer");
  expect(event).not.toHaveProperty("pathParameters");
  expect(event).not.toHaveProperty("queryStringParameters");
  expect(event).not.toHaveProperty("cookies");
  expect(event).not.toHaveProperty("body");
  expect(event).toMatchObject({ rawPath: "/public", rawQueryString: "" });
});

test.for([
  ["application/json; charset=utf-8", '{"ä":1}', '{"ä":1}', false],
  ["text/plain", "ä", "ä", false],
  ["application/octet-stream", Buffer.from([0, 255]), "AP8=", true],
  ["application/x-www-form-urlencoded", "a=b", "YT1i", true],
] as const)("a body of %s reaches the function whole", async ([type, body, expected, isBase64Encoded]) => {
  const { text } = await rawRequest(stage.gateway.port, "/api/jobs/1/parts/2", {
    method: "PUT",
    headers: { "content-type": type },
    body,
  });
  expect(JSON.parse(text)).toMatchObject({
    body: expected,
    isBase64Encoded,
    pathParameters: { jobId: "1", number: "2" },
  });
});

test("the more specific route wins, and what has no route is 404", async () => {
  const authorization = `Bearer ${await stage.signIn("ada")}`;
  expect(JSON.parse((await get("/api/jobs/mine", { authorization })).text)).toMatchObject({
    routeKey: "GET /jobs/mine",
  });
  for (const path of ["/api", "/api/", "/api/nothing", "/api/jobs", "/api/jobs/", "/api/public/"]) {
    const { status, text, headers } = await get(path, { authorization });
    expect([path, status, text, headers["content-type"]]).toEqual([
      path,
      404,
      '{"message":"Not Found"}',
      "application/json",
    ]);
  }
  expect(await rawRequest(stage.gateway.port, "/api/public", { method: "DELETE" })).toMatchObject({
    status: 404,
  });
});

test("malformed paths are 400 and never a crash", async () => {
  for (const path of ["/api/jobs/%", "/api/jobs/%zz", "/api/jobs/%ff%fe", "/api/%c0%ae%c0%ae/public"]) {
    expect([path, await get(path)]).toMatchObject([path, { status: 400, text: '{"message":"Bad Request"}' }]);
  }
  expect(await get("/api/public?x=%zz&%=1")).toMatchObject({ status: 200 });
});

test.for([
  ["a string", "text", 200, "text", "application/json"],
  ["an object", { a: 1 }, 200, '{"a":1}', "application/json"],
  ["nothing", null, 200, "null", "application/json"],
  ["a status only", { statusCode: 204 }, 204, "", undefined],
  ["a status in words", { statusCode: "202", body: "x" }, 202, "x", "text/plain;charset=UTF-8"],
  ["base64", { statusCode: 200, body: "w6Q=", isBase64Encoded: true }, 200, "ä", "text/plain;charset=UTF-8"],
] as const)("%s as a result is answered as by an HTTP API", async ([, result, status, text, type]) => {
  const response = await tell({ result });
  expect([response.status, response.text, response.headers["content-type"]]).toEqual([status, text, type]);
  expect(response.headers["apigw-requestid"]).toMatch(/=$/);
});

test("headers and cookies of a result pass, those of the connection do not", async () => {
  const { headers } = await tell({
    result: {
      statusCode: 201,
      headers: {
        Location: "/jobs/1",
        "X-Number": 7,
        "Content-Length": "999",
        "Transfer-Encoding": "chunked",
      },
      cookies: ["a=1; Path=/", "b=2"],
      body: "{}",
    },
  });
  expect(headers).toMatchObject({
    location: "/jobs/1",
    "x-number": "7",
    "content-length": "2",
    "set-cookie": ["a=1; Path=/", "b=2"],
  });
});

test("a function that fails or answers nonsense is 500 without detail", async () => {
  for (const told of [
    { fail: true },
    { result: { statusCode: 700 } },
    { result: { statusCode: "ok" } },
    { result: { statusCode: 200, body: { not: "a string" } } },
  ]) {
    expect(await tell(told)).toMatchObject({ status: 500, text: '{"message":"Internal Server Error"}' });
  }
});

test("bodies beyond 10 MB, and events beyond Lambda's 6 MB, are 413", async () => {
  for (const sizeBytes of [11_000_000, 6_500_000]) {
    const response = await rawRequest(stage.gateway.port, "/api/told", {
      method: "POST",
      headers: { "content-type": "text/plain" },
      body: Buffer.alloc(sizeBytes, "x"),
    });
    expect(response).toMatchObject({ status: 413, text: '{"message":"Request Entity Too Large"}' });
  }
});

test("headers beyond 10,240 bytes are 431", async () => {
  expect(await get("/api/public", { "x-long": "x".repeat(10_300) })).toMatchObject({ status: 431 });
  expect(await get("/api/public", { "x-long": "x".repeat(9_000) })).toMatchObject({ status: 200 });
});

test("a function that takes longer than the gateway waits is 503", async () => {
  const impatient = await startStage({ timeoutSeconds: 0.2 });
  onTestFinished(() => impatient.stop());
  await impatient.pools.plain.warm(1);
  const response = await rawRequest(impatient.gateway.port, "/api/told", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: '{"waitMs":5000}',
  });
  expect(response).toMatchObject({ status: 503, text: '{"message":"Service Unavailable"}' });
});

test("preflights are answered for allowed origins only", async () => {
  const ask = (origin: string) =>
    rawRequest(stage.gateway.port, "/api/told", {
      method: "OPTIONS",
      headers: { origin, "access-control-request-method": "POST" },
    });
  expect(await ask("https://app.example.com")).toMatchObject({
    status: 204,
    headers: {
      "access-control-allow-origin": "https://app.example.com",
      "access-control-allow-methods": expect.stringContaining("DELETE"),
      "access-control-allow-headers": expect.stringContaining("authorization"),
      vary: "origin",
    },
  });
  const foreign = await ask("https://evil.example.com");
  expect(foreign.status).toBe(204);
  expect(Object.keys(foreign.headers).filter((name) => name.startsWith("access-control"))).toEqual([]);
});

test("answers and refusals name an allowed origin, and a function cannot allow another", async () => {
  const origin = "https://app.example.com";
  expect((await get("/api/jobs/1", { origin })).headers["access-control-allow-origin"]).toBe(origin);
  expect((await get("/api/nothing", { origin })).headers["access-control-allow-origin"]).toBe(origin);
  expect(await get("/api/public", { origin: "null" })).not.toHaveProperty(
    "headers.access-control-allow-origin",
  );
  const response = await tell({
    result: { statusCode: 200, headers: { "Access-Control-Allow-Origin": "*" } },
  });
  expect(response.headers).not.toHaveProperty("access-control-allow-origin");
});

test("a caller who leaves in the middle of a body harms nobody", async () => {
  const { connect } = await import("node:net");
  const socket = connect(stage.gateway.port, "127.0.0.1");
  await new Promise((resolve) => socket.once("connect", resolve));
  socket.write("POST /api/told HTTP/1.1\r\nhost: localhost\r\ncontent-length: 100\r\n\r\nhalf");
  await new Promise((resolve) => setImmediate(resolve));
  socket.destroy();
  expect(await get("/api/public")).toMatchObject({ status: 200 });
});

test("only names of this machine are answered, so that no foreign page can rebind to it", async () => {
  for (const host of [
    "evil.example.com",
    `evil.example.com:${stage.gateway.port}`,
    "127.0.0.1.example.com",
  ]) {
    expect(await get("/api/public", { host })).toMatchObject({ status: 421 });
  }
  expect(await get("/api/public", { host: `LocalHost:${stage.gateway.port}` })).toMatchObject({
    status: 200,
  });
});
