/**
 * A call's arguments as the fields of a chat platform's form: one for each, made of the tool's JSON schema, or all of them
 * as one text of JSON where a form cannot hold them. What is not touched stays letter by letter as it was. Pure.
 */
import { plainWithin, wellFormed } from "./text.ts";

export type Arguments = Readonly<Record<string, unknown>>;

export interface ArgumentField {
  /** Its name in the form, as the platform sends it back. */
  readonly id: string;
  readonly name: string;
  readonly kind: "text" | "number" | "choice" | "json";
  readonly required: boolean;
  readonly hint: string;
  /** What the form begins with; empty when the argument is not given. */
  readonly initial: string;
  /** Of a choice: what each option stands for. */
  readonly options: readonly unknown[];
}

/** The id of the one field for all of it. */
export const WHOLE = "whole";
const MAX_FIELDS = 30;
/** What a field holds of text, in UTF-16 units, and of options. An adapter whose forms hold less looks at that itself. */
const MAX_TEXT = 3_000;
const MAX_OPTIONS = 100;

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** @param schema the tool's input as JSON schema @returns null when the form cannot hold them: then they are one text of JSON */
export function argumentFields(schema: unknown, given: Arguments): readonly ArgumentField[] | null {
  if (!isRecord(schema) || schema.type !== "object" || !isRecord(schema.properties)) return null;
  const { properties } = schema;
  const names = Object.keys(properties);
  if (names.length === 0 || names.length > MAX_FIELDS || Object.keys(given).some((name) => !names.includes(name)))
    return null;
  const required = Array.isArray(schema.required) ? schema.required : [];
  const fields = names.map((name, n) =>
    fieldOf(`argument:${n}`, name, properties[name], given[name], required.includes(name)),
  );
  return fields.every(({ initial }) => initial.length <= MAX_TEXT) ? fields : null;
}

function fieldOf(id: string, name: string, schema: unknown, value: unknown, required: boolean): ArgumentField {
  const known = isRecord(schema) ? schema : {};
  const hint = typeof known.description === "string" ? known.description : "";
  const field = { id, name, required, hint, options: [] };
  const options = known.type === "boolean" ? [true, false] : Array.isArray(known.enum) ? known.enum : [];
  const chosen = options.indexOf(value);
  if (options.length > 0 && options.length <= MAX_OPTIONS && (value === undefined || chosen !== -1)) {
    return { ...field, kind: "choice", options, initial: chosen === -1 ? "" : String(chosen) };
  }
  if (known.type === "string" && (value === undefined || typeof value === "string")) {
    return { ...field, kind: "text", initial: wellFormed(value ?? "") };
  }
  if ((known.type === "number" || known.type === "integer") && (value === undefined || isPlainNumber(value))) {
    return { ...field, kind: "number", initial: value === undefined ? "" : String(value) };
  }
  return { ...field, kind: "json", initial: value === undefined ? "" : JSON.stringify(value, null, 2) };
}

/** As a form takes it in a number's field: no exponents. */
const isPlainNumber = (value: unknown): boolean =>
  typeof value === "number" && /^-?\d+(?:\.\d+)?$/u.test(String(value));

/** An option as the form names it. */
export const optionWords = (option: unknown): string =>
  option === true ? "yes" : option === false ? "no" : typeof option === "string" ? option : JSON.stringify(option);

export type ReadArguments =
  | { readonly kind: "arguments"; readonly value: Arguments }
  /** By the field's id. */
  | { readonly kind: "errors"; readonly errors: Readonly<Record<string, string>> };

/** What stands in a field as it was sent, or the number of the option that was chosen; undefined for nothing. */
export type Entered = (id: string, kind: ArgumentField["kind"]) => string | undefined;

/**
 * What the form says; the tool's schema has the last word on it.
 * @param fields those that the form was made of; null when it was one text of JSON
 */
export function readArguments(
  fields: readonly ArgumentField[] | null,
  given: Arguments,
  entered: Entered,
): ReadArguments {
  if (fields === null) {
    const value = parsed(entered(WHOLE, "json") ?? "");
    return isRecord(value)
      ? { kind: "arguments", value }
      : { kind: "errors", errors: { [WHOLE]: 'This is no JSON object. It has to look like {"name": "value"}.' } };
  }
  const value: Record<string, unknown> = {};
  const errors: Record<string, string> = {};
  for (const field of fields) {
    const read = readField(field, given[field.name], entered(field.id, field.kind));
    if (read.kind === "wrong") errors[field.id] = read.why;
    else if (read.kind === "value") {
      Object.defineProperty(value, field.name, {
        value: read.value,
        enumerable: true,
        writable: true,
        configurable: true,
      });
    }
  }
  return Object.keys(errors).length > 0 ? { kind: "errors", errors } : { kind: "arguments", value };
}

type ReadField =
  | { readonly kind: "value"; readonly value: unknown }
  | { readonly kind: "none" }
  | { readonly kind: "wrong"; readonly why: string };

function readField(field: ArgumentField, was: unknown, entered: string | undefined): ReadField {
  if (field.kind === "choice") {
    return entered === undefined || !/^\d{1,3}$/u.test(entered)
      ? { kind: "none" }
      : { kind: "value", value: field.options[Number(entered)] };
  }
  const text = entered ?? "";
  if (text === field.initial) return was === undefined ? { kind: "none" } : { kind: "value", value: was };
  if (field.kind === "text") return text === "" && !field.required ? { kind: "none" } : { kind: "value", value: text };
  if (text.trim() === "") return { kind: "none" };
  if (field.kind === "number") {
    const number = Number(text);
    return Number.isFinite(number) ? { kind: "value", value: number } : { kind: "wrong", why: "This is not a number." };
  }
  const value = parsed(text);
  return value === undefined ? { kind: "wrong", why: "This is not JSON." } : { kind: "value", value };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

export interface ArgumentIssue {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

/** What the tool's schema says against them, each at its field; what has none is said at the first. By the field's id. */
export function argumentErrors(
  fields: readonly ArgumentField[] | null,
  issues: readonly ArgumentIssue[],
): Readonly<Record<string, string>> {
  const errors: Record<string, string> = {};
  for (const { path, message } of issues) {
    const [name, ...inner] = path.map(String);
    const field = fields?.find((one) => one.name === name);
    const id = field?.id ?? fields?.[0]?.id ?? WHOLE;
    const where = field === undefined ? path.map(String).join(".") : inner.join(".");
    const said = `${where === "" ? "" : `${where}: `}${message}`;
    errors[id] = plainWithin(errors[id] === undefined ? said : `${errors[id]}; ${said}`, 300);
  }
  return errors;
}
