import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { examples } from "@t2m/contract/openapi/examples";
import { afterEach, describe, expect, it } from "vitest";
import { createClient } from "../src/client.ts";
import type { JobUpdate } from "../src/events.ts";
import { problemBody } from "./support/service.ts";

const jobId = "0199a5b2-6c1f-7e21-8a3d-2f7c9b0e4d15";
const patience = { attempts: 2, baseMs: 1, capMs: 4 };
const last = 6;

const event = (sequence: number) =>
  `id: ${sequence}\nevent: fact\ndata: ${JSON.stringify({
    sequence,
    type: sequence === last ? "job.completed" : "step.retrying",
    at: "2026-03-02T09:30:13.000Z",
    status: sequence === last ? "completed" : "running",
  })}\n\n`;
const progress = (percent: number) => `event: progress\ndata: {"percent":${percent},"status":"running"}\n\n`;

let server: Server | undefined;
afterEach(async () => {
  server?.closeAllConnections();
  await new Promise((resolve) => (server ? server.close(resolve) : resolve(undefined)));
  server = undefined;
});

type Streaming = (after: number, response: ServerResponse, request: IncomingMessage) => void;

async function streaming(stream: Streaming, poll?: (response: ServerResponse) => void) {
  server = createServer((request, response) => {
    if (!request.url?.endsWith("/events")) return poll?.(response);
    stream(Number(request.headers["last-event-id"] ?? 0), response, request);
  });
  await new Promise<void>((resolve) => server?.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return createClient({ baseUrl: `http://127.0.0.1:${port}/api`, token: "secret", patience });
}

async function collect(updates: AsyncIterable<JobUpdate>) {
  const told: JobUpdate[] = [];
  for await (const update of updates) told.push(update);
  return told;
}
const sequencesOf = (told: JobUpdate[]) =>
  told.flatMap((update) => (update.type === "event" ? [update.event.sequence] : []));
const begin = (response: ServerResponse) =>
  response.writeHead(200, { "content-type": "text/event-stream" }).write(": ok\n\n");

describe("streamJob", () => {
  it("yields facts and percentages until the job has ended", async () => {
    const client = await streaming((_, response) => {
      begin(response);
      response.write(event(1) + progress(10.5) + event(2));
      response.write(event(last));
    });
    const told = await collect(client.streamJob({ params: { jobId } }));
    expect(sequencesOf(told)).toEqual([1, 2, last]);
    expect(told[1]).toEqual({ type: "progress", percent: 10.5, status: "running" });
  });

  it("takes a broken stream up after its last event: nothing is lost and nothing comes twice", async () => {
    const asked: number[] = [];
    const client = await streaming((after, response, request) => {
      asked.push(after);
      begin(response);
      // A careless server repeats the last event; half an event goes down with the connection.
      for (let n = Math.max(1, after); n <= Math.min(after + 2, last); n++) response.write(event(n));
      response.write(event(after + 3).slice(0, 25), () => {
        if (after + 2 < last) request.socket.destroy();
      });
    });
    const told = await collect(client.streamJob({ params: { jobId } }));
    expect(sequencesOf(told)).toEqual([1, 2, 3, 4, 5, 6]);
    expect(asked).toEqual([0, 2, 4]);
  });

  it("goes on after the event that the caller has", async () => {
    const client = await streaming((after, response) => {
      begin(response);
      for (let n = after + 1; n <= last; n++) response.write(event(n));
    });
    expect(sequencesOf(await collect(client.streamJob({ params: { jobId }, after: 4 })))).toEqual([5, 6]);
  });

  it("polls where streams do not get through", async () => {
    let polls = 0;
    const client = await streaming(
      (_, response) => response.writeHead(200, { "content-type": "text/html" }).end("<p>welcome"),
      (response) => {
        const status = ++polls === 2 ? "completed" : "running";
        response.end(JSON.stringify({ ...(examples.getJob?.response ?? {}), status, percent: polls * 50 }));
      },
    );
    expect(await collect(client.streamJob({ params: { jobId } }))).toEqual([
      { type: "progress", status: "running", percent: 50 },
      { type: "progress", status: "completed", percent: 100 },
    ]);
  });

  it("throws a refusal", async () => {
    const client = await streaming((_, response) => {
      const { status, body, headers } = problemBody("not_found");
      response.writeHead(status, headers).end(body);
    });
    await expect(collect(client.streamJob({ params: { jobId } }))).rejects.toMatchObject({
      code: "not_found",
    });
  });

  it("closes its connection when the caller stops listening, and when its signal does", async () => {
    const closed = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    let streams = 0;
    const client = await streaming((_, response) => {
      const mine = closed[streams++];
      response.on("close", () => mine?.resolve());
      begin(response);
      response.write(event(1));
    });
    for await (const _ of client.streamJob({ params: { jobId } })) break;
    await closed[0]?.promise;

    const stop = new AbortController();
    const listening = (async () => {
      for await (const _ of client.streamJob({ params: { jobId }, signal: stop.signal }))
        stop.abort(new Error("enough"));
    })();
    await expect(listening).rejects.toThrow("enough");
    await closed[1]?.promise;
  });
});
