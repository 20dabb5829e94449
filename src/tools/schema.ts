/** Zod types as the JSON schemas that models are shown. */
import { z } from "zod";

export type JsonSchema = Record<string, unknown>;

const isSchema = (value: unknown): value is JsonSchema =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** A plain z.object() drops keys it does not know; a model that misspells one must hear of it instead. */
export function closedInput<I>(input: z.ZodType<I>): z.ZodType<I> {
  return input instanceof z.ZodObject && input.def.catchall === undefined
    ? (input.strict() as unknown as z.ZodType<I>)
    : input;
}

/** @throws Error when JSON has no such type */
export function jsonSchema(type: z.ZodType, io: "input" | "output"): JsonSchema {
  const { $schema: _, ...schema } = z.toJSONSchema(type, {
    io,
    // Some endpoints refuse `propertyNames`, and for z.record(z.string(), …) it says nothing; the bounds of a safe
    // integer are noise in a prompt.
    override: ({ jsonSchema: node }) => {
      if (isSchema(node.propertyNames) && Object.keys(node.propertyNames).join() === "type") delete node.propertyNames;
      if (node.minimum === Number.MIN_SAFE_INTEGER) delete node.minimum;
      if (node.maximum === Number.MAX_SAFE_INTEGER) delete node.maximum;
    },
  }) as JsonSchema;
  return schema;
}

/** What OpenAI-compatible endpoints would refuse, and objects that would drop unknown keys without a word. */
export function schemaFaults(schema: JsonSchema): readonly string[] {
  const wrong: string[] = [];
  if (schema.type !== "object") wrong.push("input must be an object");
  for (const key of ["anyOf", "oneOf", "allOf", "not", "enum"]) {
    if (key in schema) wrong.push(`input must be a plain object, not ${key}`);
  }
  return [...wrong, ...openObjects(schema, "input")];
}

function openObjects(node: unknown, path: string): readonly string[] {
  if (Array.isArray(node)) return node.flatMap((each, index) => openObjects(each, `${path}[${index}]`));
  if (!isSchema(node)) return [];
  const open = node.type === "object" && isSchema(node.properties) && node.additionalProperties === undefined;
  return [
    ...(open ? [`${path} is an open object: use z.strictObject`] : []),
    ...Object.entries(node).flatMap(([key, value]) => openObjects(value, `${path}.${key}`)),
  ];
}

/** The same value with every object's keys in order, so that its JSON is always the same. */
export function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, each]) => [key, sorted(each)]),
  );
}
