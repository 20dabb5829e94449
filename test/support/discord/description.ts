/**
 * Discord's published description of its API, as schemas: what comes is checked against it, and what this fake answers too.
 *
 * Unknown fields are no error, as Discord ignores them; {@link strangers} finds them for the complaints.
 */
import * as described from "discord-api-spec/zod";
import { z } from "zod/mini";
import { isObject, type Json } from "../slack/json.ts";
import { type FieldError, invalidForm } from "./refusal.ts";

export type Schema = z.ZodMiniType;

/** @param name without `Schema` at its end */
export function schemaOf(name: string): Schema {
  const schema = (described as Readonly<Record<string, Schema>>)[`${name}Schema`];
  if (!schema) throw new Error(`the description has no ${name}`);
  return schema;
}

/** Any of several. */
export const oneOf = (...names: readonly string[]): Schema => z.union(names.map(schemaOf));

export const listOf = (name: string): Schema => z.array(schemaOf(name));

interface Issue {
  readonly code?: string | undefined;
  readonly path: readonly PropertyKey[];
  readonly message: string;
  readonly input?: unknown;
  readonly expected?: unknown;
  readonly origin?: unknown;
  readonly minimum?: unknown;
  readonly maximum?: unknown;
  readonly values?: readonly unknown[];
  readonly format?: unknown;
  readonly errors?: readonly (readonly Issue[])[];
}

/**
 * A body as the description has it, with the fields it knows.
 * @param at where the body stands, such as `["data"]`
 * @throws Refusal 50035 with Discord's own error codes
 */
export function checked(schema: Schema, body: unknown, at: FieldError["path"] = []): Json {
  const result = schema.safeParse(asDescribed(body), { reportInput: true });
  if (result.success) return result.data as Json;
  const errors = leaves(result.error.issues as readonly Issue[], [...at]);
  throw invalidForm(errors.length > 0 ? errors : [{ path: at, code: "BASE_TYPE_INVALID", message: "Invalid." }]);
}

/** What is wrong with an answer; null when nothing is. */
export function flawOf(schema: Schema, answer: unknown): string | null {
  const result = schema.safeParse(withUtcAsZ(answer), { reportInput: true });
  if (result.success) return null;
  return leaves(result.error.issues as readonly Issue[], [])
    .map(({ path, message }) => `${path.join(".")}: ${message}`)
    .join("; ");
}

/**
 * Paths of the fields that the description does not know. A false or null one says nothing: the real client sends
 * `tts: false` and the like with everything.
 */
export function strangers(body: unknown, known: unknown, path = ""): string[] {
  if (Array.isArray(body) && Array.isArray(known)) {
    return body.flatMap((each, index) => strangers(each, known[index], `${path}[${index}]`));
  }
  if (!isObject(body) || !isObject(known)) return [];
  return Object.entries(body).flatMap(([key, value]) => {
    const here = path === "" ? key : `${path}.${key}`;
    if (key in known) return strangers(value, known[key], here);
    return value === false || value === null ? [] : [here];
  });
}

/**
 * What Discord takes although its description says otherwise: `default_member_permissions` is a number there, but is a
 * string in the documentation and in what every client sends; an attachment's id is a string there, but `files[0]` is
 * referred to as `0`.
 */
function asDescribed(body: unknown): unknown {
  if (Array.isArray(body)) return body.map(asDescribed);
  if (!isObject(body)) return body;
  const entries = Object.entries(body).map(([key, value]): [string, unknown] => {
    if (key === "default_member_permissions" && typeof value === "string" && /^\d+$/.test(value))
      return [key, Number(value)];
    if (key === "attachments" && Array.isArray(value)) return [key, value.map(withTextId)];
    return [key, asDescribed(value)];
  });
  return Object.fromEntries(entries);
}

const withTextId = (value: unknown): unknown =>
  isObject(value) && typeof value.id === "number" ? { ...value, id: String(value.id) } : value;

/** The schemas want `Z`; Discord itself writes the offset. */
function withUtcAsZ(value: unknown): unknown {
  if (typeof value === "string") return value.replace(/^(\d{4}-\d\d-\d\dT[\d:.]+)\+00:00$/, "$1Z");
  if (Array.isArray(value)) return value.map(withUtcAsZ);
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, withUtcAsZ(each)]));
}

/** Issues as Discord tells them; of alternatives, those of the one whose `type` was meant. */
function leaves(issues: readonly Issue[], at: readonly (string | number)[]): FieldError[] {
  return issues.flatMap((issue): FieldError[] => {
    const path = [...at, ...issue.path.map((key) => (typeof key === "symbol" ? String(key) : key))];
    if (issue.code !== "invalid_union") return [{ path, ...told(issue) }];
    const meant = (issue.errors ?? []).filter((each) => !each.some((inner) => inner.path[0] === "type"));
    // Of several without a `type`, the one that is least wrong, and wrong inside rather than as a whole.
    const whole = (each: readonly Issue[]) => (each.some((inner) => inner.path.length === 0) ? 100 : 0);
    const [best] = meant.sort((one, other) => whole(one) + one.length - whole(other) - other.length);
    if (best) return leaves(best, path);
    return [
      {
        path: [...path, "type"],
        code: "UNION_TYPE_CHOICES",
        message: 'Value of field "type" must be one of those allowed here.',
      },
    ];
  });
}

function told({
  code,
  input,
  expected,
  origin,
  minimum,
  maximum,
  values,
  format,
  message,
}: Issue): Omit<FieldError, "path"> {
  if (input === undefined && code !== "custom") {
    return { code: "BASE_TYPE_REQUIRED", message: "This field is required" };
  }
  if (code === "too_big" && (origin === "string" || origin === "array")) {
    return { code: "BASE_TYPE_MAX_LENGTH", message: `Must be ${maximum} or fewer in length.` };
  }
  if (code === "too_small" && (origin === "string" || origin === "array")) {
    return { code: "BASE_TYPE_MIN_LENGTH", message: `Must be ${minimum} or more in length.` };
  }
  if (code === "too_big")
    return { code: "NUMBER_TYPE_MAX", message: `int value should be less than or equal to ${maximum}.` };
  if (code === "too_small") {
    return { code: "NUMBER_TYPE_MIN", message: `int value should be greater than or equal to ${minimum}.` };
  }
  if (code === "invalid_value") {
    return {
      code: "BASE_TYPE_CHOICES",
      message: `Value must be one of {${(values ?? []).map((each) => String(each)).join(", ")}}.`,
    };
  }
  if (code === "invalid_format" && format === "url") {
    return { code: "URL_TYPE_INVALID_URL", message: "Not a well formed URL." };
  }
  if (code === "invalid_format")
    return { code: "NUMBER_TYPE_COERCE", message: `Value "${String(input)}" is not snowflake.` };
  switch (expected) {
    case "string":
      return { code: "STRING_TYPE_CONVERT", message: `Could not interpret "${JSON.stringify(input)}" as string.` };
    case "array":
      return { code: "LIST_TYPE_CONVERT", message: "Only iterables may be used in a ListType" };
    case "object":
      return { code: "DICT_TYPE_CONVERT", message: "Only dictionaries may be used in a DictType" };
    case "boolean":
      return { code: "BOOLEAN_TYPE_CONVERT", message: "Must be either true or false." };
    case "number":
    case "int":
      return { code: "NUMBER_TYPE_COERCE", message: `Value "${String(input)}" is not int.` };
    default:
      return { code: "BASE_TYPE_INVALID", message };
  }
}
