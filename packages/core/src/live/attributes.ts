/**
 * DynamoDB's own form of a value. Written here and not taken from the SDK, whose converter is as large as all the rest
 * of this folder and would be in every handler.
 */
export type Attribute =
  | { S: string }
  | { N: string }
  | { BOOL: boolean }
  | { NULL: true }
  | { L: Attribute[] }
  | { M: Attributes }
  | { SS: string[] }
  | { NS: string[] };
export type Attributes = { [name: string]: Attribute };

/**
 * Texts, finite numbers, booleans, null, lists, plain objects and non-empty sets of texts or numbers. What is undefined
 * is left out of objects. Throws `TypeError` for anything else: DynamoDB could not hold it.
 */
export function marshall(value: object): Attributes {
  const present = Object.entries(value).filter(([, field]) => field !== undefined);
  return Object.fromEntries(present.map(([name, field]) => [name, attributeOf(field, name)]));
}

export function unmarshall(attributes: Attributes): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(attributes).map(([name, attribute]) => [name, nativeOf(attribute)]),
  );
}

function attributeOf(value: unknown, name: string): Attribute {
  if (typeof value === "string") return { S: value };
  if (typeof value === "number" && Number.isFinite(value)) return { N: String(value) };
  if (typeof value === "boolean") return { BOOL: value };
  if (value === null) return { NULL: true };
  if (Array.isArray(value))
    return { L: value.map((entry, index) => attributeOf(entry, `${name}[${index}]`)) };
  if (value instanceof Set && value.size > 0) return setOf([...value], name);
  if (isPlainObject(value)) return { M: marshall(value) };
  throw new TypeError(`${name} cannot be stored: ${Object.prototype.toString.call(value)}`);
}

function setOf(entries: unknown[], name: string): Attribute {
  if (entries.every((entry) => typeof entry === "number" && Number.isFinite(entry)))
    return { NS: entries.map(String) };
  if (entries.every((entry) => typeof entry === "string")) return { SS: entries };
  throw new TypeError(`${name} cannot be stored: a set of other things than numbers or texts`);
}

function isPlainObject(value: unknown): value is object {
  return (
    typeof value === "object" &&
    value !== null &&
    [Object.prototype, null].includes(Object.getPrototypeOf(value))
  );
}

function nativeOf(attribute: Attribute): unknown {
  if ("S" in attribute) return attribute.S;
  if ("N" in attribute) return Number(attribute.N);
  if ("BOOL" in attribute) return attribute.BOOL;
  if ("M" in attribute) return unmarshall(attribute.M);
  if ("L" in attribute) return attribute.L.map(nativeOf);
  if ("NS" in attribute) return new Set(attribute.NS.map(Number));
  if ("SS" in attribute) return new Set(attribute.SS);
  return null;
}
