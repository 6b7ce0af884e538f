import * as z from "zod/mini";
import { type Html, html } from "./html.ts";

/** What we show of a JSON Schema. */
export type Schema = {
  $ref?: string;
  type?: string;
  const?: string | number | boolean;
  enum?: (string | number)[];
  format?: string;
  pattern?: string;
  description?: string;
  default?: unknown;
  minimum?: number;
  maximum?: number;
  minLength?: number;
  maxLength?: number;
  minItems?: number;
  maxItems?: number;
  properties?: Record<string, Schema>;
  required?: string[];
  items?: Schema;
  oneOf?: Schema[];
  anyOf?: Schema[];
  allOf?: Schema[];
  additionalProperties?: Schema | boolean;
};

const Schema: z.ZodMiniType<Schema> = z.custom<Schema>(
  (value) => typeof value === "object" && value !== null && !Array.isArray(value),
);

/** Throws where `value` is no JSON Schema object. */
export function schemaOf(value: unknown): Schema {
  return Schema.parse(value);
}

/** A schema in a few words, with links to the named ones: "array of Job", "integer, 1 to 100". */
export function brief(schema: Schema): Html {
  if (schema.$ref) {
    const name = schema.$ref.split("/").at(-1) ?? "";
    return html`<a href="#schema-${name}">${name}</a>`;
  }
  if (schema.const !== undefined) return html`<code>${JSON.stringify(schema.const)}</code>`;
  if (schema.enum)
    return html`one of ${schema.enum.map((value, i) => html`${i > 0 && ", "}<code>${value}</code>`)}`;
  if (schema.type === "array" && schema.items)
    return html`array of ${brief(schema.items)}${bounds(schema, "items")}`;
  if (schema.oneOf ?? schema.anyOf) return html`one of several shapes`;
  const format = schema.format ? ` (${schema.format})` : "";
  return html`${schema.type ?? "anything"}${format}${bounds(schema)}`;
}

function bounds({ minimum, maximum, minLength, maxLength, minItems, maxItems }: Schema, unit = ""): Html {
  const least = minimum ?? minLength ?? minItems;
  const most = maximum ?? maxLength ?? maxItems;
  // The largest whole number that JavaScript can count to is no bound that anybody set.
  const isSet = (bound: number | undefined) =>
    bound !== undefined && Math.abs(bound) < Number.MAX_SAFE_INTEGER;
  const what = unit || (minLength !== undefined || maxLength !== undefined ? "characters" : "");
  if (isSet(least) && isSet(most)) return html`, ${least} to ${most} ${what}`;
  if (isSet(least)) return html`, at least ${least} ${what}`;
  if (isSet(most)) return html`, at most ${most} ${what}`;
  return html``;
}

/** A schema's fields, those of its parts included. */
export function fields(schema: Schema): Html {
  const variants = schema.oneOf ?? schema.anyOf;
  if (variants) return html`${variants.map(variant)}`;
  const { properties, required = [] } = schema;
  if (!properties) return html`<p>${brief(schema)}</p>`;
  return html`<dl>${Object.entries(properties).map(([name, field]) => {
    const usual =
      field.default === undefined
        ? undefined
        : html`, <code>${JSON.stringify(field.default)}</code> where absent`;
    return html`<dt><code>${name}</code>${!required.includes(name) && html` <small>optional</small>`}</dt>
      <dd>${brief(field)}${usual}${field.description && html`<br />${field.description}`}
      ${field.properties && fields(field)}</dd>`;
  })}</dl>`;
}

/** One of several shapes, folded up behind what tells it from the others. */
function variant(schema: Schema, index: number): Html {
  const tag = Object.entries(schema.properties ?? {}).find(([, field]) => field.const !== undefined);
  const name = tag ? `${tag[0]}: ${String(tag[1].const)}` : `Shape ${index + 1}`;
  return html`<details><summary><code>${name}</code></summary>${fields(schema)}</details>`;
}
