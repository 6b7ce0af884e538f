import * as z from "zod/mini";

// The JSON Schema of a preset's options, as far as a form needs it.
const Scalar = z.union([z.string(), z.number(), z.boolean()]);
const Property = z.object({
  type: z.optional(z.string()),
  description: z.optional(z.string()),
  default: z.optional(Scalar),
  enum: z.optional(z.array(Scalar)),
  minimum: z.optional(z.number()),
  maximum: z.optional(z.number()),
});
const Schema = z.object({ properties: z._default(z.record(z.string(), Property), {}) });

type Scalar = z.infer<typeof Scalar>;
export type Field = {
  name: string;
  description?: string;
  usual?: Scalar;
  choices?: readonly Scalar[];
  isNumber: boolean;
  isWhole: boolean;
  minimum?: number;
  maximum?: number;
};
export type Fields = { plain: readonly Field[]; advanced: readonly Field[]; canTrim: boolean };

// What most people may want to set; everything else is folded away.
const plainNames = new Set([
  "bitrateKbps",
  "quality",
  "format",
  "container",
  "fit",
  "bitsPerSample",
  "atSeconds",
]);

/** The fields of a form for a preset's options. Trimming is asked for elsewhere, by a picture. */
export function fieldsOf(schema: unknown): Fields {
  const { properties } = Schema.safeParse(schema ?? {}).data ?? { properties: {} };
  const all = Object.entries(properties).map(([name, property]) => fieldOf(name, property));
  const shown = all.filter(({ name }) => !name.startsWith("trim"));
  return {
    plain: shown.filter(({ name }) => plainNames.has(name)),
    advanced: shown.filter(({ name }) => !plainNames.has(name)),
    canTrim: "trimStartSeconds" in properties,
  };
}

function fieldOf(name: string, property: z.infer<typeof Property>): Field {
  const { type, description, default: usual, enum: choices, minimum, maximum } = property;
  return {
    name,
    isNumber: type === "number" || type === "integer" || typeof choices?.[0] === "number",
    isWhole: type === "integer",
    ...(description !== undefined && { description }),
    ...(usual !== undefined && { usual }),
    ...(choices && { choices }),
    ...(minimum !== undefined && { minimum }),
    ...(maximum !== undefined && { maximum }),
  };
}
