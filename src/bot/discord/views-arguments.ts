/**
 * Approving a call with other arguments: a field for each, made of the tool's JSON schema, or all of them as JSON where a
 * form of Discord cannot hold them. What is not touched stays letter by letter as it was. Pure.
 */
import type { Card } from "../cards/card.ts";
import {
  type ArgumentField,
  type ArgumentIssue,
  type Arguments,
  argumentErrors as errorsByField,
  argumentFields as fieldsOf,
  optionWords,
  readArguments as readFields,
  WHOLE,
} from "../chat/argument-fields.ts";
import { formIdOf } from "./custom-ids.ts";
import { LIMITS } from "./limits.ts";
import { aboutText } from "./views-ask.ts";
import { aboutPart, isEditable, type Modal, modal, selectInput, textInput } from "./views-modal.ts";

/** @returns null when the form cannot hold them each: then they are one text of JSON */
function argumentFields(schema: unknown, given: Arguments): readonly ArgumentField[] | null {
  const fields = fieldsOf(schema, given);
  const holds =
    fields !== null &&
    fields.length <= LIMITS.modalParts &&
    fields.every(({ options }) => options.length <= LIMITS.options);
  return holds ? fields : null;
}

/** @returns null when even as JSON they are too long to be changed in Discord */
export function argumentsModal(approvalId: string, card: Card, schema: unknown, given: Arguments): Modal | null {
  const fields = argumentFields(schema, given);
  const json = JSON.stringify(given, null, 2);
  if (fields === null && !isEditable(json)) return null;
  const inputs =
    fields === null
      ? [
          textInput({
            id: WHOLE,
            label: "Arguments, as JSON",
            hint: "",
            initial: json,
            required: true,
            multiline: true,
          }),
        ]
      : fields.map(inputOf);
  const about = inputs.length < LIMITS.modalParts ? [aboutPart(aboutText(card))] : [];
  const id = formIdOf("arguments", { action: "approval.change", value: approvalId });
  return modal(id, "Approve with changes", [...about, ...inputs]);
}

function inputOf(field: ArgumentField): unknown {
  const { id, name, kind, initial, hint } = field;
  switch (kind) {
    case "choice": {
      const options = field.options.map((option, n) => ({
        label: optionWords(option),
        value: String(n),
        chosen: initial === String(n),
      }));
      return selectInput({ id, label: name, hint, required: field.required, options });
    }
    case "number":
      return textInput({ id, label: `${name} (number)`, hint, initial, required: field.required, multiline: false });
    case "text":
      // An empty text is a text: Discord would insist on a letter.
      return textInput({ id, label: name, hint, initial, required: false, multiline: true });
    case "json":
      return textInput({ id, label: `${name} (JSON)`, hint, initial, required: field.required, multiline: true });
  }
}

export type ReadArguments =
  | { readonly kind: "arguments"; readonly value: Arguments }
  | { readonly kind: "errors"; readonly errors: readonly string[] };

/** What the form says; the tool's schema has the last word on it. */
export function readArguments(schema: unknown, given: Arguments, entered: ReadonlyMap<string, string>): ReadArguments {
  const fields = argumentFields(schema, given);
  const read = readFields(fields, given, (id) => entered.get(id));
  if (read.kind === "arguments") return read;
  return { kind: "errors", errors: Object.entries(read.errors).map(([id, why]) => named(fields, id, why)) };
}

/** What the tool's schema says against them, each with the name of its argument. */
export function argumentErrors(schema: unknown, given: Arguments, issues: readonly ArgumentIssue[]): readonly string[] {
  const fields = fieldsOf(schema, given);
  return Object.entries(errorsByField(fields, issues)).map(([id, why]) => named(fields, id, why));
}

const named = (fields: readonly ArgumentField[] | null, id: string, why: string): string => {
  const name = fields?.find((field) => field.id === id)?.name;
  return name === undefined ? why : `${name}: ${why}`;
};
