import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CommanderError } from "commander";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readEnvironment } from "../src/cli/environment.ts";
import { exitCodeOf } from "../src/cli/failures.ts";
import { createProgram } from "../src/cli/program.ts";
import { createReport } from "../src/cli/report.ts";
import { t2m } from "./support/t2m.ts";

let folder: string;
let service: Server;
let url: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "t2m-cli-"));
  await writeFile(join(folder, "song.wav"), "some sound");
  // A stage whose issuer nobody has signed in to, and whose API refuses every token.
  service = createServer((request, response) => {
    const config = { apiUrl: "/api", issuer: `${url}/issuer`, clientId: "t2m", audience: "t2m" };
    response.statusCode = request.url === "/config.json" ? 200 : 401;
    response.end(JSON.stringify(config));
  });
  await new Promise<void>((resolve) => service.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(service.address() as AddressInfo).port}`;
});
afterAll(async () => {
  service.closeAllConnections();
  await new Promise((resolve) => service.close(resolve));
  await rm(folder, { recursive: true, force: true });
});

const run = (...parameters: string[]) => t2m(folder, parameters).ended;

/** The same command within this process: what it throws, with what commander prints. */
async function refusal(...parameters: string[]): Promise<{ code: number; message: string }> {
  const said: string[] = [];
  const program = createProgram({
    environment: readEnvironment({ XDG_STATE_HOME: folder }),
    signal: new AbortController().signal,
    report: () => createReport({ json: false, quiet: true }),
    exit: () => undefined,
  });
  for (const command of [program, ...program.commands])
    command.configureOutput({ writeErr: (text) => said.push(text) }).exitOverride();
  const error = await program.parseAsync(parameters, { from: "user" }).catch((thrown: unknown) => thrown);
  const code = error instanceof CommanderError ? 2 : exitCodeOf(error);
  return { code, message: [...said, error instanceof Error ? error.message : ""].join("") };
}

describe("a wrong command line", () => {
  it.each([
    [["convert", "missing.wav", "--to", "mp3"], /missing\.wav: there is no such file/],
    [["convert", tmpdir(), "--to", "mp3"], /is a folder/],
    [["convert", "song.wav", "--to", "exe"], /no preset "exe".*mp3, m4a/],
    [
      ["convert", "song.wav", "--to", "mp3", "--option", "bitrateKbps=5"],
      /bitrateKbps must be one of 64, 96/,
    ],
    [["convert", "song.wav", "--to", "mp3", "--option", "volume=5"], /unknown option: volume/],
    [["convert", "song.wav", "--to", "mp3", "--option", "loud"], /name=value/],
    [["convert", "song.wav"], /--to/],
    [["convert", "--to", "mp3"], /missing required argument/],
    [["jobs", "--limit", "none"], /whole number/],
    [["jobs", "--url", "example"], /--url wants an address/],
    [["sing"], /unknown command/],
  ])("%j ends with 2 and says what is wrong", async (parameters, words) => {
    expect(await refusal(...parameters)).toEqual({ code: 2, message: expect.stringMatching(words) });
  });
});

describe.concurrent("t2m", () => {
  it("ends with 2 where the command line is wrong, with words on stderr and nothing on stdout", async () => {
    const { code, out, err } = await run("job", "17", "--url", url, "--token", "x");
    expect(err).toMatch(/^"17" is not a job's id.*\n$/);
    expect([code, out]).toEqual([2, ""]);
  });

  it("ends with 3 where somebody must sign in first", async () => {
    const { code, err } = await run("jobs", "--url", url, "--token", "forged");
    expect([code, err]).toEqual([3, expect.stringMatching(/Sign in first/)]);
  });

  it("ends with 4 where the service does not answer, and with --json says so there, too", async () => {
    const { code, out } = await run("jobs", "--url", "http://127.0.0.1:1", "--token", "x", "--json");
    expect(code).toBe(4);
    expect(JSON.parse(out)).toEqual({
      error: { code: "Unreachable", message: expect.stringMatching(/No answer/) },
    });
  });

  it("lists presets and a preset's options without any service", async () => {
    const all = await run("presets", "--json");
    const lines = all.out
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(lines.map(({ id }) => id)).toContain("webm");
    const one = await run("presets", "mp3");
    expect(one.out).toMatch(/--option bitrateKbps=64\|96.*\(192\)/);
    expect([all.code, one.code]).toEqual([0, 0]);
  });

  it("explains itself, exit codes included", async () => {
    const { code, out } = await run("--help");
    expect(out).toMatch(/Exit codes:[\s\S]*130 {2}interrupted/);
    expect(code).toBe(0);
  });
});
