/** From `key=value` to a tool's arguments, by its JSON schema. Pure. */
import type { Argument } from "./rules-instruction.ts";
import { parseJson } from "./rules-instruction.ts";

type Schema = Readonly<Record<string, unknown>>;

/**
 * Values become what the schema takes: `body=42` stays text where the tool wants text. What fits nothing stays text, and
 * the tool says what is wrong with it.
 * @returns the arguments as JSON
 */
export function argumentsJson(args: readonly Argument[], schema: Schema): string {
  const properties = isSchema(schema.properties) ? schema.properties : {};
  return JSON.stringify(Object.fromEntries(args.map((arg) => [arg.key, coerced(arg, properties[arg.key], schema)])));
}

function coerced({ value, quoted }: Argument, schema: unknown, root: Schema): unknown {
  const types = typesOf(schema, root);
  const takesText = types === null || types.has("string");
  if (quoted && takesText) return value;
  const parsed = parseJson(value);
  if (parsed === undefined) return value;
  return types === null || namesOf(parsed).some((name) => types.has(name)) ? parsed : value;
}

/** What JSON schema calls a value; a whole number has two names. */
function namesOf(value: unknown): string[] {
  if (value === null) return ["null"];
  if (Array.isArray(value)) return ["array"];
  return Number.isInteger(value) ? ["integer", "number"] : [typeof value];
}

/** The types a schema takes; null when it takes any. */
function typesOf(schema: unknown, root: Schema, depth = 0): ReadonlySet<string> | null {
  if (!isSchema(schema) || depth > 5) return null;
  if (typeof schema.$ref === "string") return typesOf(resolved(schema.$ref, root), root, depth + 1);
  if (schema.type !== undefined) return new Set([schema.type].flat().map(String));
  if ("const" in schema) return new Set(namesOf(schema.const));
  if (Array.isArray(schema.enum)) return new Set(schema.enum.flatMap(namesOf));
  const options = [schema.anyOf, schema.oneOf].flat().filter((option) => option !== undefined);
  const types = options.map((option) => typesOf(option, root, depth + 1));
  if (types.length === 0 || types.includes(null)) return null;
  return new Set(types.flatMap((each) => [...(each ?? [])]));
}

const resolved = (ref: string, root: Schema): unknown =>
  ref
    .split("/")
    .slice(1)
    .reduce<unknown>((node, key) => (isSchema(node) ? node[key] : undefined), root);

const isSchema = (value: unknown): value is Schema =>
  typeof value === "object" && value !== null && !Array.isArray(value);
