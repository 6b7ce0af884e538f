import { mkdtemp, readdir, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { api } from "@t2m/contract/api";
import { buildOpenApi } from "@t2m/contract/openapi";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { buildWeb } from "../build.ts";
import { html } from "../src/docs/html.ts";

let folder: string;
const read = (path: string) => readFile(join(folder, path), "utf8");
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "t2m-web-"));
  await buildWeb(folder);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe("the built site", () => {
  it.each(["index.html", "docs/index.html"])(
    "%s refers only to what is there, and to nobody else",
    async (page) => {
      const text = await read(page);
      const addresses = [...text.matchAll(/(?:href|src)="([^"#]+)"/g)].map(([, address = ""]) => address);
      expect(addresses.filter((address) => !address.startsWith("/"))).toEqual([]);
      for (const address of addresses) {
        const path = join(folder, address.endsWith("/") ? `${address}index.html` : address);
        expect((await stat(path)).isFile(), address).toBe(true);
      }
      expect(text).not.toMatch(/<style|style="|<script(?![^>]*src=)/);
    },
  );

  it("is small: the program with uploader, client and contract stays below 40 KB compressed", async () => {
    const [script = ""] = (await readdir(join(folder, "assets"))).filter((name) => name.endsWith(".js"));
    expect(gzipSync(await read(join("assets", script))).length).toBeLessThan(40 * 1024);
  });

  it("labels every control", async () => {
    const text = await read("index.html");
    const labelled = new Set([...text.matchAll(/<label[^>]*for="([\w-]+)"/g)].map(([, id]) => id));
    for (const [, id] of text.matchAll(/<select id="([\w-]+)"/g)) expect(labelled).toContain(id);
    expect(text).toMatch(/<label id="drop"[\s\S]*<input type="file"[\s\S]*<\/label>/);
    expect(text).toContain('<html lang="en">');
  });
});

describe("the API's reference", () => {
  it("has a place for every operation and shape, and no link that leads nowhere", async () => {
    const text = await read("docs/index.html");
    const ids = new Set([...text.matchAll(/ id="([\w-]+)"/g)].map(([, id]) => id));
    for (const name of Object.keys(api)) expect(ids).toContain(name);
    for (const name of Object.keys(buildOpenApi().components.schemas))
      expect(ids).toContain(`schema-${name}`);
    const targets = [...text.matchAll(/href="#([\w-]+)"/g)].map(([, id]) => id);
    expect(targets.filter((id) => !ids.has(id))).toEqual([]);
    expect(text).not.toContain("[object Object]");
    expect(text).not.toContain("undefined");
  });

  it("shows text as text", () => {
    expect(html`<p title="${'"'}">${"<b>&"}${[1, html`<i>`]}${false}${undefined}</p>`.html).toBe(
      '<p title="&#34;">&#60;b&#62;&#38;1<i></p>',
    );
  });

  it("comes with the document itself", async () => {
    expect(JSON.parse(await read("openapi.json"))).toEqual(JSON.parse(JSON.stringify(buildOpenApi())));
  });
});
