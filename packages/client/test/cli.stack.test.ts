import { randomBytes, randomUUID } from "node:crypto";
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sharedStack } from "@t2m/local/testing";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { login } from "../src/cli/login.ts";
import { discover } from "../src/cli/service.ts";
import { savedToken, saveTokens } from "../src/cli/sign-ins.ts";
import { createClient } from "../src/client.ts";
import { t2m } from "./support/t2m.ts";
import { toneWav } from "./support/tone.ts";

const stack = sharedStack();
let home: string;
let token: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "t2m-cli-stack-"));
  token = await stack.tokenFor(`cli ${randomUUID().slice(0, 8)}`);
});
afterEach(() => rm(home, { recursive: true, force: true }));

const start = (...parameters: string[]) => t2m(home, parameters, { T2M_URL: stack.url, T2M_TOKEN: token });
const run = (...parameters: string[]) => start(...parameters).ended;
const client = () => createClient({ baseUrl: stack.apiUrl, token });
const linesOf = (out: string) =>
  out
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));

describe("t2m convert", () => {
  it("writes results beside their inputs, several at once, and with --json a line for each", async () => {
    await writeFile(join(home, "one.wav"), toneWav(2));
    await writeFile(join(home, "two.wav"), toneWav(3));
    await writeFile(join(home, "two.mp3"), "older");
    const { code, out, err } = await run("convert", "one.wav", "two.wav", "--to", "mp3", "--json");

    expect([code, err]).toEqual([0, ""]);
    const results = linesOf(out).toSorted((a, b) => (a.input < b.input ? -1 : 1));
    expect(results).toMatchObject([
      { input: "one.wav", outputs: ["one.mp3"] },
      { input: "two.wav", outputs: ["two (1).mp3"] },
    ]);
    expect((await stat(join(home, "one.mp3"))).size).toBeGreaterThan(20_000);
    expect(await readFile(join(home, "two.mp3"), "utf8")).toBe("older");
    expect((await readFile(join(home, "one.wav"))).equals(toneWav(2))).toBe(true);
  });

  it("takes options, another place, and writes every output of a preset", async () => {
    await writeFile(join(home, "one.wav"), toneWav(2));
    const { code, out } = await run(
      "convert",
      "one.wav",
      "--to",
      "waveform",
      "--option",
      "peaks=100",
      "-o",
      "made",
    );
    expect(code).toBe(0);
    const made = ["one-peaks.json", "one-waveform.png"];
    expect(out.trim().split("\n").toSorted()).toEqual(made.map((name) => `made/${name}`));
    expect((await readdir(join(home, "made"))).toSorted()).toEqual(made);
  });

  it("ends with 1 and the job's own words where a conversion fails, and still does the other files", async () => {
    await writeFile(join(home, "letter.mp3"), "no music at all\n".repeat(50));
    await writeFile(join(home, "one.wav"), toneWav(1));
    const { code, out, err } = await run("convert", "letter.mp3", "one.wav", "--to", "flac", "--json");
    expect(code).toBe(1);
    expect(linesOf(out)).toEqual(
      expect.arrayContaining([
        { input: "letter.mp3", error: { code: "media.unrecognized", message: expect.any(String) } },
        expect.objectContaining({ input: "one.wav", outputs: ["one.flac"] }),
      ]),
    );
    expect(err).toMatch(/^letter\.mp3: .+/);
  });
});

describe("t2m upload", () => {
  it("[C5.5] interrupted by Ctrl-C ends with 130, and the same command goes on from the last finished part", async () => {
    await writeFile(join(home, "long.wav"), randomBytes(128 * 1024 * 1024));
    const first = start("upload", "long.wav");
    await first.says(/uploading 25 %/);
    first.interrupt();
    expect(await first.ended).toMatchObject({
      code: 130,
      out: "",
      err: expect.stringMatching(/goes on from/),
    });
    const { items } = await client().listUploads();
    const [open] = items;
    expect(open?.status).toBe("open");

    const { code, out, err } = await run("upload", "long.wav");
    expect([code, out.trim()]).toEqual([0, `upload ${open?.id}`]);
    expect(err).toMatch(/MB are there already, going on/);
    const uploaded = await client().getUpload({ params: { uploadId: open?.id ?? "" } });
    expect(uploaded).toMatchObject({ status: "completed", percent: 100, partsCompleted: 16 });
  });
});

describe("t2m jobs, job, download, cancel", () => {
  it("follow a job from its upload to its file", async () => {
    await writeFile(join(home, "one.wav"), toneWav(2));
    const uploaded = await run("upload", "one.wav", "--to", "mp3", "--json");
    const [jobId = ""] = linesOf(uploaded.out)[0].jobIds;

    const shown = await run("job", jobId, "--wait", "--json");
    expect(linesOf(shown.out)[0]).toMatchObject({ id: jobId, status: "completed", percent: 100 });
    expect((await run("jobs")).out).toMatch(new RegExp(`^${jobId}  completed +mp3 +one.wav\n$`));
    const fetched = await run("download", jobId, "-o", "here.mp3");
    expect([fetched.code, fetched.out]).toEqual([0, "here.mp3\n"]);
    expect((await stat(join(home, "here.mp3"))).size).toBe(linesOf(shown.out)[0].outputs[0].sizeBytes);
    expect((await run("cancel", jobId)).out).toBe("completed\n");
  });

  it("cancel a job, whose download then ends with 1", async () => {
    await writeFile(join(home, "long.wav"), toneWav(600));
    const uploaded = await run("upload", "long.wav", "--to", "podcast", "--json");
    const [jobId = ""] = linesOf(uploaded.out)[0].jobIds;
    expect((await run("cancel", jobId)).code).toBe(0);
    const fetched = await run("download", jobId);
    expect(fetched).toMatchObject({ code: 1, out: "", err: expect.stringMatching(/cancelled/) });
  });

  it("end with 1 for another person's job, as for one that is not there", async () => {
    token = await stack.tokenFor("somebody else");
    expect(await run("job", "0199a5b2-6c1f-7e21-8a3d-2f7c9b0e4d15")).toMatchObject({ code: 1, out: "" });
  });
});

describe("t2m login", () => {
  it("signs in by a name where the stack is on this machine, once or for each command", async () => {
    const signedIn = await t2m(home, ["login", "--url", stack.url]).ended;
    expect([signedIn.code, signedIn.out]).toEqual([0, `Signed in to ${stack.url}\n`]);
    const [file = ""] = await readdir(join(home, "t2m", "sign-ins"));
    expect((await stat(join(home, "t2m", "sign-ins", file))).mode & 0o777).toBe(0o600);
    await rm(join(home, "t2m"), { recursive: true });
    expect(await t2m(home, ["jobs", "--url", stack.url]).ended).toMatchObject({ code: 0 });
  });

  it("goes through the issuer's page, comes back to this machine, and renews what it got", async () => {
    const service = await discover(stack.url);
    const name = `page ${randomUUID().slice(0, 8)}`;
    const show = async (url: string) => {
      const page = await (await fetch(url)).text();
      const fields = [...page.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)"/g)];
      const form = new URLSearchParams(fields.map(([, field = "", value = ""]) => [field, plain(value)]));
      form.set("name", name);
      const headers = { origin: stack.url, "sec-fetch-site": "same-origin" };
      const action = new URL(plain(/action="([^"]*)"/.exec(page)?.[1] ?? ""), stack.url);
      const answer = await fetch(action, { method: "POST", body: form, headers });
      expect(await answer.text()).toMatch(/go back to the terminal/);
    };
    const tokens = await login(service, { show, signal: AbortSignal.timeout(20_000) });
    const { items } = await createClient({ baseUrl: stack.apiUrl, token: tokens.accessToken }).listJobs();
    expect(items).toEqual([]);

    await saveTokens(home, service, { ...tokens, expiresAt: Date.now() - 1 });
    const renewed = await savedToken(home, service, { renew: false });
    expect(renewed).toBeTruthy();
    await expect(
      createClient({ baseUrl: stack.apiUrl, token: renewed ?? "" }).listJobs(),
    ).resolves.toBeTruthy();
    await saveTokens(home, service, { ...tokens, refreshToken: "forged", expiresAt: Date.now() - 1 });
    expect(await savedToken(home, service, { renew: false })).toBeUndefined();
  });
});

const plain = (text: string) =>
  text.replace(/&#(\d+);/g, (_, code: string) => String.fromCharCode(Number(code))).replaceAll("&amp;", "&");
