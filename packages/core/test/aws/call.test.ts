import { createServer, type RequestListener, type Server } from "node:http";
import { type AwsCall, AwsError, call } from "@t2m/core/aws/call";
import { readBytes } from "@t2m/core/aws/transport";
import { ApiError } from "@t2m/core/errors";
import { startServices } from "@t2m/local/testing";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";

// A service that can do what the real ones do only on their worst days.
let server: Server;
let url: URL;
let answer: RequestListener;
let requests = 0;

beforeAll(async () => {
  await startServices();
  server = createServer((request, response) => {
    requests += 1;
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  url = new URL(`http://127.0.0.1:${typeof address === "object" ? address?.port : 0}/`);
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});
beforeEach(() => {
  requests = 0;
  vi.spyOn(process.stdout, "write").mockReturnValue(true);
});
afterEach(() => vi.restoreAllMocks());

const read = async (message: Parameters<typeof readBytes>[0]) => (await readBytes(message)).toString();

function ask(extra: Partial<AwsCall> = {}): Promise<string> {
  const usual = { service: "dynamodb", operation: "Test", method: "POST", url, body: "{}" } as const;
  return call({ ...usual, repeatable: true, tryMs: 1_000, totalMs: 3_000, ...extra }, read);
}

const codeOf = (work: Promise<unknown>) =>
  work.then(
    () => "ok",
    (error: unknown) => (error instanceof ApiError || error instanceof AwsError ? error.code : String(error)),
  );

/** Fails the first `times` requests, then answers. */
function failing(times: number, fail: RequestListener): RequestListener {
  return (request, response) => (requests <= times ? fail(request, response) : response.end("fine"));
}

const throttled: RequestListener = (_, response) =>
  response.writeHead(400).end('{"__type":"com.amazonaws.dynamodb.v20120810#ThrottlingException"}');
const broken: RequestListener = (_, response) => response.writeHead(500).end("{}");
const silent: RequestListener = () => undefined;
const cut: RequestListener = (_, response) => {
  response.writeHead(200, { "content-length": "10" });
  response.write("fin", () => response.destroy());
};

test.each([
  ["throttling", throttled],
  ["a server error", broken],
  ["an answer that breaks off", cut],
])("[V1.5] %s is tried again, at most three times in all, and logged", async (_, fail) => {
  answer = failing(2, fail);
  expect(await ask()).toBe("fine");
  expect(requests).toBe(3);
  expect(vi.mocked(process.stdout.write)).toHaveBeenCalledTimes(2);
  answer = fail;
  requests = 0;
  expect(await codeOf(ask())).toBe("service.unavailable");
  expect(requests).toBe(3);
});

test("what must not be done twice is repeated only where the first try certainly did nothing", async () => {
  answer = failing(1, throttled);
  expect(await ask({ repeatable: false })).toBe("fine");
  for (const fail of [broken, cut]) {
    requests = 0;
    answer = failing(1, fail);
    expect(await codeOf(ask({ repeatable: false }))).toBe("service.unavailable");
    expect(requests).toBe(1);
  }
});

test("a connection that died while the function slept is replaced, even for what must not be done twice", async () => {
  const used = new WeakSet();
  answer = (request, response) => {
    // As a service does that closes an idle connection just when the next request comes.
    if (used.has(request.socket)) return void request.socket.resetAndDestroy();
    used.add(request.socket);
    response.end("fine");
  };
  expect(await ask()).toBe("fine");
  expect(await ask({ repeatable: false })).toBe("fine");
});

test("a service that says nothing costs no more than the time set for it", async () => {
  answer = silent;
  const started = performance.now();
  expect(await codeOf(ask({ tryMs: 100, totalMs: 250 }))).toBe("service.unavailable");
  expect(performance.now() - started).toBeLessThan(1_500);
});

test("a refusal is not tried again and keeps its own name", async () => {
  answer = (_, response) => response.writeHead(400).end('{"__type":"x#ValidationException","message":"no"}');
  expect(await codeOf(ask())).toBe("ValidationException");
  answer = (_, response) => response.writeHead(403).end("<Error><Code>AccessDenied</Code></Error>");
  expect(await codeOf(ask({ service: "s3" }))).toBe("AccessDenied");
  expect(requests).toBe(2);
});

test("who gives up is not kept waiting, and gets their own reason", async () => {
  answer = silent;
  const giveUp = new AbortController();
  const work = ask({ signal: giveUp.signal, tryMs: 10_000 });
  setImmediate(() => giveUp.abort(new Error("cancelled by the user")));
  await expect(work).rejects.toThrow("cancelled by the user");
  await expect(ask({ signal: giveUp.signal })).rejects.toThrow("cancelled by the user");
});
