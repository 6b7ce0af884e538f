import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { examples } from "@t2m/contract/openapi/examples";
import { afterEach, describe, expect, it } from "vitest";
import { createClient } from "../src/client.ts";
import { ApiProblem, UnexpectedReply, Unreachable } from "../src/problem.ts";
import type { Connection } from "../src/send.ts";
import { problemBody } from "./support/service.ts";

const jobId = "0199a5b2-6c1f-7e21-8a3d-2f7c9b0e4d15";
const patience = { attempts: 4, baseMs: 1, capMs: 4 };
const job = JSON.stringify(examples.getJob?.response);

let server: Server | undefined;
afterEach(async () => {
  server?.closeAllConnections();
  await new Promise((resolve) => (server ? server.close(resolve) : resolve(undefined)));
  server = undefined;
});

async function serving(listener: RequestListener, connection: Partial<Connection> = {}) {
  server = createServer(listener);
  await new Promise<void>((resolve) => server?.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return createClient({ baseUrl: `http://127.0.0.1:${port}/api/`, token: "secret", patience, ...connection });
}

describe("the client", () => {
  it("calls an operation by its address, with parameters, query, body and token", async () => {
    const seen: unknown[] = [];
    const client = await serving(async (request, response) => {
      const body = (await buffer(request)).toString();
      seen.push([request.method, request.url, request.headers.authorization, body]);
      response.end(request.method === "POST" ? job : '{"items":[]}');
    });
    await client.listJobs({ query: { limit: 5, cursor: "a b" } });
    await client.listJobs();
    const uploadId = "0199a5b2-6c1e-7d3a-9f40-5b8e2c1d7a60";
    await client.createJob({ body: { uploadId, conversion: { preset: "mp3" } } });
    expect(seen).toEqual([
      ["GET", "/api/jobs?limit=5&cursor=a+b", "Bearer secret", ""],
      ["GET", "/api/jobs", "Bearer secret", ""],
      ["POST", "/api/jobs", "Bearer secret", `{"uploadId":"${uploadId}","conversion":{"preset":"mp3"}}`],
    ]);
  });

  it("answers with the contract's own shape, and says so where the answer has another", async () => {
    const client = await serving((request, response) => {
      response.end(request.url?.endsWith("health") ? "<html>" : job);
    });
    await expect(client.getJob({ params: { jobId } })).resolves.toMatchObject({ id: jobId, percent: 62.5 });
    await expect(client.checkHealth()).rejects.toThrow(UnexpectedReply);
  });

  it("throws a refusal with its code, its text and every problem", async () => {
    const client = await serving((_, response) => {
      const body = {
        type: "about:blank",
        title: "x",
        status: 400,
        code: "request.invalid",
        detail: "sizeBytes must be at least 1 (and 1 more)",
        problems: [
          { path: "sizeBytes", message: "must be at least 1" },
          { path: "name", message: "is missing" },
        ],
      };
      response.writeHead(400, { "content-type": "application/problem+json" }).end(JSON.stringify(body));
    });
    const error = await client.listJobs().catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ApiProblem);
    expect(error).toMatchObject({
      code: "request.invalid",
      status: 400,
      problems: [{ path: "sizeBytes" }, { path: "name" }],
      message: "sizeBytes must be at least 1; name is missing",
    });
  });

  it("gives a refusal without a document the code of its status", async () => {
    const client = await serving((_, response) => response.writeHead(401).end('{"message":"Unauthorized"}'));
    await expect(client.listJobs()).rejects.toMatchObject({ code: "auth.required", status: 401 });
  });

  it.each([
    ["a 503", (_: number) => 503],
    ["a 429", (_: number) => 429],
    ["a gateway's 502", (_: number) => 502],
    ["a cut connection", (_: number) => 0],
  ])("tries again after %s", async (_, statusOf) => {
    let times = 0;
    const client = await serving((request, response) => {
      const status = ++times < 3 ? statusOf(times) : 200;
      if (status === 0) request.socket.destroy();
      else response.writeHead(status, { "retry-after": "0" }).end(status === 200 ? job : "");
    });
    await expect(client.getJob({ params: { jobId } })).resolves.toMatchObject({ id: jobId });
    expect(times).toBe(3);
  });

  it("waits as long as Retry-After says", async () => {
    const times: number[] = [];
    const client = await serving((_, response) => {
      times.push(performance.now());
      const { status, body } = problemBody("service.unavailable");
      if (times.length === 1) response.writeHead(status, { "retry-after": "1" }).end(body);
      else response.end(job);
    });
    await client.getJob({ params: { jobId } });
    expect((times[1] ?? 0) - (times[0] ?? 0)).toBeGreaterThanOrEqual(995);
  });

  it("repeats a POST with the same Idempotency-Key", async () => {
    const keys: unknown[] = [];
    const client = await serving((request, response) => {
      keys.push(request.headers["idempotency-key"]);
      if (keys.length === 1) request.socket.destroy();
      else response.end(job);
    });
    const body = { uploadId: jobId, conversion: { preset: "mp3" } } as const;
    await client.createJob({ body });
    expect(keys).toHaveLength(2);
    expect(keys[0]).toMatch(/^[0-9a-f-]{36}$/);
    expect(keys[1]).toBe(keys[0]);
    await client.createJob({ body, idempotencyKey: "mine" });
    expect(keys[2]).toBe("mine");
  });

  it("gives up in the end and says what was wrong", async () => {
    let times = 0;
    const client = await serving((_, response) => {
      times++;
      response.writeHead(503).end(problemBody("service.unavailable").body);
    });
    await expect(client.listJobs()).rejects.toMatchObject({ code: "service.unavailable" });
    expect(times).toBe(patience.attempts);
    const nobody = createClient({ baseUrl: "http://127.0.0.1:1/api", patience });
    await expect(nobody.checkHealth()).rejects.toThrow(Unreachable);
  });

  it("renews a refused token once", async () => {
    const asked: boolean[] = [];
    const token = async ({ renew }: { renew: boolean }) => {
      asked.push(renew);
      return renew ? "new" : "old";
    };
    const client = await serving(
      (request, response) => {
        if (request.headers.authorization === "Bearer new") response.end(job);
        else response.writeHead(401).end();
      },
      { token },
    );
    await client.getJob({ params: { jobId } });
    expect(asked).toEqual([false, true]);
  });

  it("stops when its signal does, without another try", async () => {
    const stop = new AbortController();
    let times = 0;
    const client = await serving(() => {
      times++;
      stop.abort(new Error("enough"));
    });
    await expect(client.listJobs({ signal: stop.signal })).rejects.toThrow("enough");
    expect(times).toBe(1);
  });
});
