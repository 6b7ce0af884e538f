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

  it("sends less than 150 KB of compressed JavaScript before one can work at home", async () => {
    const scripts = await loadedAtFirst();
    const bytes = await Promise.all(scripts.map(async (path) => gzipSync(await read(path)).length));
    expect(bytes.reduce((sum, size) => sum + size, 0) / 1024).toBeLessThan(150);
    const all = await readdir(join(folder, "assets"));
    expect(all.filter((name) => name.endsWith(".js")).length).toBeGreaterThan(scripts.length);
  });

  it("carries no address of a service: one build serves every stage", async () => {
    for (const name of await readdir(join(folder, "assets"))) {
      if (!name.endsWith(".js")) continue;
      const text = await read(join("assets", name));
      expect(text, name).not.toMatch(/https?:\/\/(127\.0\.0\.1|localhost):\d|amazonaws\.com/);
    }
  });
});

/** What the page asks for and everything that this imports in turn. */
async function loadedAtFirst(): Promise<string[]> {
  const page = await read("index.html");
  const found = new Set(
    [...page.matchAll(/(?:src|href)="\/(assets\/[^"]+\.js)"/g)].map(([, path = ""]) => path),
  );
  for (const path of found) {
    const imports = (await read(path)).matchAll(/(?:from|import)\s*"\.\/([\w.-]+\.js)"/g);
    for (const [, name] of imports) found.add(`assets/${name}`);
  }
  return [...found];
}

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
