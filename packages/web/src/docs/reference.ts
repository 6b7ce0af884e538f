import type { OpenApiDocument, OpenApiOperation } from "@t2m/contract/openapi";
import * as z from "zod/mini";
import { type Html, html, inline, markdown } from "./html.ts";
import { brief, fields, schemaOf } from "./schema.ts";

const Parameter = z.object({
  name: z.string(),
  in: z.string(),
  required: z._default(z.boolean(), false),
  description: z.optional(z.string()),
  schema: z.unknown(),
});
const Example = z.object({ value: z.unknown() });
const Media = z.object({
  schema: z.unknown(),
  example: z.optional(z.unknown()),
  examples: z.optional(z.record(z.string(), Example)),
});
const Content = z.record(z.string(), Media);
const Body = z.object({ content: Content });
const Answer = z.object({ description: z.string(), content: z.optional(Content) });

/** The API's reference as one static page: no script, nothing from elsewhere. */
export function renderReference(document: OpenApiDocument): string {
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method: method.toUpperCase(), operation })),
  );
  const rooms = document.tags.map((tag) => ({
    ...tag,
    operations: operations.filter(({ operation }) => operation.tags.includes(tag.name)),
  }));
  const page = html`<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <meta name="color-scheme" content="light dark" />
    <title>${document.info.title}: API reference</title>
    <link rel="icon" href="/icon.svg" type="image/svg+xml" />
    <link rel="stylesheet" href="/reference.css" />
  </head>
  <body>
    <nav aria-label="Operations">
      <a class="brand" href="/">t2m</a>
      <input type="checkbox" id="contents" />
      <label for="contents">Contents</label>
      <div class="contents">
      ${rooms.map(
        (room) =>
          html`<h2>${room.name}</h2><ul>${room.operations.map(
            ({ method, path, operation }) =>
              html`<li><a href="#${operation.operationId}"><b class="${method}">${method}</b> ${path}</a></li>`,
          )}</ul>`,
      )}
      <h2>Shapes</h2>
      <ul>${Object.keys(document.components.schemas).map((name) => html`<li><a href="#schema-${name}">${name}</a></li>`)}</ul>
      </div>
    </nav>
    <main>
      <h1>API reference</h1>
      ${markdown(document.info.description)}
      <p>Addresses begin with <code>${document.servers[0]?.url}</code>. <a href="/openapi.json">openapi.json</a> is this
      page for programs (OpenAPI 3.1).</p>
      ${rooms.map(
        (room) => html`<h2>${room.name}</h2><p>${room.description}</p>
          ${room.operations.map((entry) => section(entry, document))}`,
      )}
      <h2>Shapes</h2>
      ${Object.entries(document.components.schemas).map(
        ([name, schema]) =>
          html`<section id="schema-${name}"><h3>${name}</h3>${fields(schemaOf(schema))}</section>`,
      )}
    </main>
  </body>
</html>
`;
  return page.html;
}

type Entry = { path: string; method: string; operation: OpenApiOperation };

function section({ path, method, operation }: Entry, document: OpenApiDocument): Html {
  const body = Body.safeParse(operation.requestBody);
  return html`<section id="${operation.operationId}">
    <h3><b class="${method}">${method}</b> <code>${path}</code></h3>
    <p>${operation.summary}. ${operation.security.length > 0 ? "" : "No sign-in needed."}</p>
    ${parameters(operation, document)}
    ${body.success && html`<h4>Body</h4>${content(body.data.content)}`}
    ${Object.entries(operation.responses).map(([status, response]) => answer(status, response))}
  </section>`;
}

function parameters(
  { parameters: given = [] }: OpenApiOperation,
  document: OpenApiDocument,
): Html | undefined {
  if (given.length === 0) return undefined;
  return html`<h4>Parameters</h4><dl>${given.map((parameter) => {
    const { name, in: place, required, description, schema } = Parameter.parse(resolve(parameter, document));
    return html`<dt><code>${name}</code> <small>${place}${required ? "" : ", optional"}</small></dt>
      <dd>${brief(schemaOf(schema))}${description && html`<br />${description}`}</dd>`;
  })}</dl>`;
}

function resolve(parameter: object, { components }: OpenApiDocument): unknown {
  if (!("$ref" in parameter)) return parameter;
  return components.parameters[String(parameter.$ref).split("/").at(-1) ?? ""];
}

function answer(status: string, response: object): Html {
  const { description, content: media } = Answer.parse(response);
  const isRefusal = Number(status) >= 400;
  if (isRefusal) return html`<p class="refusal"><b>${status}</b> ${inline(description)}</p>`;
  return html`<h4>${status}</h4><p>${description}</p>${media && content(media)}`;
}

function content(media: z.infer<typeof Content>): Html {
  return html`${Object.entries(media).map(([type, { schema, example }]) => {
    const shown = typeof example === "string" ? example : JSON.stringify(example, null, 2);
    return html`<p><code>${type}</code>: ${brief(schemaOf(schema))}</p>
      ${shown && html`<details><summary>Example</summary><pre tabindex="0">${shown}</pre></details>`}`;
  })}`;
}
