import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { FunctionFailed } from "@t2m/local/lambda/failures";
import { expect, test } from "vitest";
import { poolOf, temporaryDirectory, until } from "./support.ts";

const streaming = (body: string) => `
  import { setTimeout as wait } from "node:timers/promises";
  import { existsSync, writeFileSync } from "node:fs";
  export const handler = awslambda.streamifyResponse(async (event, stream) => {
    const http = (prelude) => awslambda.HttpResponseStream.from(stream, prelude);
    ${body}
  });`;

test("a stream has its status, headers and cookies, and each piece arrives before the next is sent", async () => {
  const seen = join(temporaryDirectory(), "seen-");
  const pool = poolOf(
    streaming(`
      const out = http({ statusCode: 201, headers: { "X-Kind": "events", "x-count": 3 }, cookies: ["a=1", "b=2"] });
      for (const n of [1, 2, 3]) {
        out.write("piece " + n);
        while (!existsSync(event.seen + n)) await wait(2);
      }
      out.end();`),
  );
  const { body, ...head } = await pool.stream({ seen });
  expect(head).toEqual({
    statusCode: 201,
    headers: { "x-kind": "events", "x-count": "3" },
    cookies: ["a=1", "b=2"],
  });
  let count = 0;
  for await (const piece of body) {
    count += 1;
    expect(String(piece)).toBe(`piece ${count}`);
    writeFileSync(seen + count, "");
  }
  expect(count).toBe(3);
});

test("a large stream comes whole to a slow reader", async () => {
  const pool = poolOf(
    streaming(`
      const out = http({ statusCode: 200 });
      for (let count = 0; count < 300; count += 1) {
        if (!out.write(Buffer.alloc(65_536, count % 251))) await new Promise((resolve) => out.once("drain", resolve));
      }
      out.end();`),
  );
  const { body } = await pool.stream({});
  let sizeBytes = 0;
  for await (const piece of body) {
    sizeBytes += piece.length;
    if (sizeBytes % 50 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  expect(sizeBytes).toBe(300 * 65_536);
});

test("without a prelude a stream is a 200 of its own type", async () => {
  const pool = poolOf(streaming(`stream.setContentType("text/plain"); stream.write("plain"); stream.end();`));
  const { statusCode, headers, body } = await pool.stream({});
  expect([statusCode, headers, await text(body)]).toEqual([200, { "content-type": "text/plain" }, "plain"]);
});

test("an error before the first byte is the caller's to answer", async () => {
  const pool = poolOf(streaming(`http({ statusCode: 200 }); throw new Error("not today");`));
  await expect(pool.stream({})).rejects.toThrow(FunctionFailed);
  await expect(pool.stream({})).rejects.toThrow(/not today/);
  await until(() => pool.sandboxes()[0]?.state === "idle");
});

test("an error in the middle cuts the stream, and the sandbox goes on", async () => {
  const pool = poolOf(
    streaming(`
      const out = http({ statusCode: 200 });
      out.write(String(process.pid)); await wait(20);
      if (event.fail) throw new Error("halfway"); else out.end();`),
  );
  const { body } = await pool.stream({ fail: true });
  await expect(text(body)).rejects.toThrow(/halfway/);
  const { body: second } = await pool.stream({});
  expect(Number(await text(second))).toBe(pool.sandboxes()[0]?.pid);
});

test("a timeout and a crash cut the stream", async () => {
  const pool = poolOf(
    streaming(`
      const out = http({ statusCode: 200 });
      out.write("begun");
      while (!existsSync(event.seen)) await wait(2);
      process.exit(1);`),
    { timeoutSeconds: 2 },
  );
  const directory = temporaryDirectory();
  const seen = join(directory, "seen");
  const bodies = await Promise.all([pool.stream({ seen }), pool.stream({ seen: join(directory, "never") })]);
  writeFileSync(seen, "");
  const [exit, timeout] = bodies.map(({ body }) => text(body));
  await Promise.all([
    expect(exit).rejects.toThrow(/exit status 1/),
    expect(timeout).rejects.toThrow(/timed out/),
  ]);
});

test("a function that destroys its stream cuts it, and the next invocation works", async () => {
  const pool = poolOf(
    streaming(`
      http({}).write("begun");
      while (!existsSync(event.seen)) await wait(2);
      stream.destroy();`),
  );
  const seen = join(temporaryDirectory(), "seen");
  const { body } = await pool.stream({ seen });
  writeFileSync(seen, "");
  await expect(text(body)).rejects.toThrow(FunctionFailed);
  await expect(pool.stream({ seen }).then(({ body: second }) => text(second))).rejects.toThrow(
    FunctionFailed,
  );
});

test("a reader who leaves does not stop the function, and its sandbox is free afterwards", async () => {
  const done = join(temporaryDirectory(), "done");
  const pool = poolOf(
    streaming(`
      const out = http({ statusCode: 200 });
      for (let count = 0; count < 40; count += 1) {
        if (!out.write(Buffer.alloc(65_536))) await new Promise((resolve) => out.once("drain", resolve));
      }
      writeFileSync(event.done, ""); out.end();`),
  );
  const { body } = await pool.stream({ done });
  body.destroy();
  await until(() => existsSync(done) && pool.sandboxes()[0]?.state === "idle");
});

test("a function that streams and one that does not are not taken for each other", async () => {
  const buffered = poolOf("export const handler = async () => 1;");
  await expect(buffered.stream({})).rejects.toThrow(/does not stream/);
  const streams = poolOf(streaming(`const out = http({}); out.write("x"); out.end();`));
  await expect(streams.invoke({})).rejects.toThrow(/streams its answer/);
});
