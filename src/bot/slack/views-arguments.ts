/**
 * Approving a call with other arguments: a field for each, made of the tool's JSON schema, or all of them as JSON where a
 * form cannot hold them. What is not touched stays letter by letter as it was. Pure.
 */
import type { types } from "@slack/bolt";
import type { Card } from "../cards/card.ts";
import { LIMITS, plainWithin, wellFormed } from "./limits.ts";
import { plainText } from "./render-blocks.ts";
import {
  aboutBlocks,
  isEditable,
  modal,
  readText,
  sayingModal,
  textInput,
  VALUE,
  type ViewState,
} from "./views-modal.ts";

type Arguments = Readonly<Record<string, unknown>>;

export interface ArgumentField {
  /** Its block in the form. */
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

/** One field for all of it. */
const WHOLE = "whole";
const MAX_FIELDS = 30;

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
  return fields.every(({ initial }) => isEditable(initial)) ? fields : null;
}

function fieldOf(id: string, name: string, schema: unknown, value: unknown, required: boolean): ArgumentField {
  const known = isRecord(schema) ? schema : {};
  const hint = typeof known.description === "string" ? known.description : "";
  const field = { id, name, required, hint, options: [] };
  const options = known.type === "boolean" ? [true, false] : Array.isArray(known.enum) ? known.enum : [];
  const chosen = options.indexOf(value);
  if (options.length > 0 && options.length <= LIMITS.options && (value === undefined || chosen !== -1)) {
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

/** As Slack takes it in a number's field: no exponents. */
const isPlainNumber = (value: unknown): boolean =>
  typeof value === "number" && /^-?\d+(?:\.\d+)?$/u.test(String(value));

/**
 * @param about the approval's card
 * @param ref opaque id by which the adapter finds the approval again
 */
export function argumentsModal(about: Card, schema: unknown, given: Arguments, ref: string): types.ModalView {
  const fields = argumentFields(schema, given);
  const json = JSON.stringify(given, null, 2);
  if (fields === null && !isEditable(json)) {
    return sayingModal(
      "Approve with changes",
      "These arguments are too long to be changed in Slack. Deny the call and say what to do instead.",
      ref,
    );
  }
  const inputs =
    fields === null
      ? [textInput({ id: WHOLE, label: "Arguments, as JSON", initial: json, required: true, multiline: true })]
      : fields.map(inputOf);
  return modal({
    callback: "arguments",
    title: "Approve with changes",
    submit: "Approve this",
    memory: { ref, shown: null },
    blocks: [...aboutBlocks(about), ...inputs],
  });
}

function inputOf(field: ArgumentField): types.InputBlock {
  const { id, name, kind, initial, hint } = field;
  const label = plainText(kind === "json" ? `${name} (JSON)` : name, 200, "argument");
  const block = {
    type: "input",
    block_id: id,
    label,
    ...(hint === "" ? {} : { hint: plainText(hint, 300) }),
  } as const;
  switch (kind) {
    case "choice": {
      const options = field.options.map((option, n) => ({
        text: plainText(optionWords(option), LIMITS.optionText, "(empty)"),
        value: String(n),
      }));
      const chosen = initial === "" ? undefined : options[Number(initial)];
      return {
        ...block,
        optional: !field.required,
        element: {
          type: "static_select",
          action_id: VALUE,
          options,
          ...(chosen === undefined ? {} : { initial_option: chosen }),
        },
      };
    }
    case "number":
      return {
        ...block,
        optional: !field.required,
        // Decimals too: the tool's schema says which numbers it takes, and in which words.
        element: {
          type: "number_input",
          action_id: VALUE,
          is_decimal_allowed: true,
          ...(initial === "" ? {} : { initial_value: initial }),
        },
      };
    case "text":
      // An empty text is a text: Slack would insist on a letter.
      return textInput({ id, label: name, initial, required: false, multiline: true, hint });
    case "json":
      return textInput({ id, label: `${name} (JSON)`, initial, required: field.required, multiline: true, hint });
  }
}

const optionWords = (option: unknown): string =>
  option === true ? "yes" : option === false ? "no" : typeof option === "string" ? option : JSON.stringify(option);

export type ReadArguments =
  | { readonly kind: "arguments"; readonly value: Arguments }
  /** By block: the body of `response_action: "errors"`. */
  | { readonly kind: "errors"; readonly errors: Readonly<Record<string, string>> };

/** What the form says; the tool's schema has the last word on it. */
export function readArguments(schema: unknown, given: Arguments, state: ViewState): ReadArguments {
  const fields = argumentFields(schema, given);
  if (fields === null) {
    const value = parsed(readText(state, WHOLE));
    return isRecord(value)
      ? { kind: "arguments", value }
      : { kind: "errors", errors: { [WHOLE]: 'This is no JSON object. It has to look like {"name": "value"}.' } };
  }
  const value: Record<string, unknown> = {};
  const errors: Record<string, string> = {};
  for (const field of fields) {
    const read = readField(field, given[field.name], state);
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

function readField(field: ArgumentField, was: unknown, state: ViewState): ReadField {
  if (field.kind === "choice") {
    const chosen = state[field.id]?.[VALUE]?.selected_option?.value;
    return chosen === undefined || !/^\d{1,3}$/u.test(chosen)
      ? { kind: "none" }
      : { kind: "value", value: field.options[Number(chosen)] };
  }
  const text = readText(state, field.id);
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

/** What the tool's schema says against them, each at its field; what has none is said at the first. */
export function argumentErrors(
  schema: unknown,
  given: Arguments,
  issues: readonly { readonly path: readonly PropertyKey[]; readonly message: string }[],
): Record<string, string> {
  const fields = argumentFields(schema, given);
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
