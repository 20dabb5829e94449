/**
 * Approving a call with other arguments: a field for each, made of the tool's JSON schema, or all of them as JSON where a
 * form cannot hold them. What is not touched stays letter by letter as it was. Pure.
 */
import type { types } from "@slack/bolt";
import type { Card } from "../cards/card.ts";
import {
  type ArgumentField,
  type ArgumentIssue,
  type Arguments,
  argumentFields,
  argumentErrors as errorsOf,
  optionWords,
  type ReadArguments,
  readArguments as readFields,
  WHOLE,
} from "../chat/argument-fields.ts";
import { LIMITS } from "./limits.ts";
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

/** What the form says; the tool's schema has the last word on it. Errors are the body of `response_action: "errors"`. */
export const readArguments = (schema: unknown, given: Arguments, state: ViewState): ReadArguments =>
  readFields(argumentFields(schema, given), given, (id, kind) =>
    kind === "choice" ? state[id]?.[VALUE]?.selected_option?.value : readText(state, id),
  );

/** What the tool's schema says against them, each at its field; what has none is said at the first. */
export const argumentErrors = (
  schema: unknown,
  given: Arguments,
  issues: readonly ArgumentIssue[],
): Readonly<Record<string, string>> => errorsOf(argumentFields(schema, given), issues);
