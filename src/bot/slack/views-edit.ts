/**
 * Changing a workflow in fields: what, when, where, and its policies. The same form comes back with the change it would
 * make, and only that is saved.
 */
import { createHash } from "node:crypto";
import type { types } from "@slack/bolt";
import type { EditFault, EditForm, WorkflowToEdit } from "../../orchestrator/index.ts";
import { diffLine, plain } from "../cards/plain.ts";
import { BOLD } from "../chat/pieces.ts";
import { plainWithin } from "../chat/text.ts";
import { LIMITS } from "./limits.ts";
import { type Mrkdwn, mrkdwnOf } from "./mrkdwn.ts";
import { paginate } from "./mrkdwn-pages.ts";
import { type Block, divider, plainText, section } from "./render-blocks.ts";
import { isEditable, modal, readText, sayingModal, textInput, VALUE, type ViewState } from "./views-modal.ts";

export const EDIT_TITLE = "Edit the workflow";
/**
 * Blocks of a form. Slack keeps what stands in a block of the same id, whatever a new view says: fields that are filled
 * from another revision are other blocks.
 */
const blocksOf = (revision: number) => ({
  what: `instruction:${revision}`,
  when: `schedule:${revision}`,
  where: `broadcast:${revision}`,
  policy: (at: number) => `policy:${at}:${revision}`,
});

const HERE = "thread";
const EVERYWHERE = "channel";

/** What was changed, or why it has to be looked at once more; null for a form that was just opened. */
export interface ShownEdit {
  readonly diff: readonly string[];
  /** Who changed the workflow meanwhile. */
  readonly changedBy: string | null;
}

/** @param form what stands in the fields @param ref opaque id by which the adapter finds the workflow again */
export function editModal(
  { name, policies }: WorkflowToEdit,
  form: EditForm,
  shown: ShownEdit | null,
  ref: string,
): types.ModalView {
  if (!isEditable(form.instruction)) {
    return sayingModal(
      EDIT_TITLE,
      `What ${name} does is too long to be changed in Slack. Type /claw edit ${name} and the new text, or use the console.`,
      ref,
    );
  }
  const ids = blocksOf(form.revision);
  return modal({
    callback: "edit",
    title: EDIT_TITLE,
    submit: shown === null ? "Show the change" : "Save",
    memory: { ref, shown: shown === null ? null : fingerprint(form), base: form.revision },
    blocks: [
      section(mrkdwnOf(plain(name), BOLD)),
      ...(shown === null ? [] : shownBlocks(shown)),
      textInput({ id: ids.what, label: "What it does", initial: form.instruction, required: true, multiline: true }),
      textInput({
        id: ids.when,
        label: "When",
        initial: form.schedule,
        required: form.schedule !== "",
        multiline: false,
        hint: "such as: every weekday at 9:00, every 15 minutes, on the first Monday of the month at 10:00 Europe/Paris",
      }),
      choice({
        id: ids.where,
        label: "Where it reports",
        options: [
          { value: HERE, label: "In its thread" },
          { value: EVERYWHERE, label: "In its thread, and in the channel too" },
        ],
        chosen: form.broadcast ? EVERYWHERE : HERE,
      }),
      divider,
      ...policies.map(({ name: policy, takes, offers }, at) => {
        const value = form.policies[policy] ?? "";
        return offers.length > 0 && offers.includes(value)
          ? choice({
              id: ids.policy(at),
              label: policy,
              options: offers.map((offer) => ({ value: offer, label: offer })),
              chosen: value,
            })
          : textInput({
              id: ids.policy(at),
              label: policy,
              initial: value,
              required: true,
              multiline: false,
              hint: takes,
            });
      }),
    ],
  });
}

function shownBlocks({ diff, changedBy }: ShownEdit): readonly (Block | types.InputBlock)[] {
  const code = diff.map(diffLine).join("\n");
  const change = paginate([{ kind: "code", text: code }], LIMITS.text, 2 * LIMITS.text, 2);
  return [
    ...(changedBy === null
      ? []
      : [
          section(mrkdwnOf(`${plain(changedBy)} changed it while you did. What you left alone is now as they set it.`)),
        ]),
    section(mrkdwnOf("This would change. Save it, or go on changing the fields.")),
    ...change.pages.map((page: Mrkdwn) => section(page)),
    divider,
  ];
}

interface Choice {
  readonly id: string;
  readonly label: string;
  readonly options: readonly { readonly value: string; readonly label: string }[];
  readonly chosen: string;
}

function choice({ id, label, options, chosen }: Choice): types.InputBlock {
  const made = options.map((option) => ({ text: plainText(option.label, LIMITS.optionText), value: option.value }));
  const initial = made.find(({ value }) => value === chosen);
  return {
    type: "input",
    block_id: id,
    label: plainText(label, LIMITS.inputLabel),
    element: {
      type: "static_select",
      action_id: VALUE,
      options: made,
      ...(initial === undefined ? {} : { initial_option: initial }),
    },
  };
}

/** What was filled in. @param base the revision the form was filled from */
export function readEdit(of: Pick<WorkflowToEdit, "policies">, base: number, state: ViewState): EditForm {
  const ids = blocksOf(base);
  const chosen = (id: string) => state[id]?.[VALUE]?.selected_option?.value;
  return {
    revision: base,
    instruction: readText(state, ids.what),
    schedule: readText(state, ids.when),
    broadcast: chosen(ids.where) === EVERYWHERE,
    policies: Object.fromEntries(
      of.policies.flatMap(({ name }, at) => {
        const value = chosen(ids.policy(at)) ?? readText(state, ids.policy(at));
        return value === "" ? [] : [[name, value]];
      }),
    ),
  };
}

/** The body of `response_action: "errors"`: each fault at its field. @param base as in {@link readEdit} */
export function editErrors(
  of: Pick<WorkflowToEdit, "policies">,
  base: number,
  faults: readonly EditFault[],
): Record<string, string> {
  const ids = blocksOf(base);
  return Object.fromEntries(
    faults.map(({ field, message }) => {
      const at = of.policies.findIndex(({ name }) => name === field);
      const id = at >= 0 ? ids.policy(at) : field === "schedule" ? ids.when : ids.what;
      return [id, plainWithin(message, 300)];
    }),
  );
}

/** A sentence about the whole form, where Slack can show it. */
export const editError = (base: number, message: string): Record<string, string> => ({
  [blocksOf(base).what]: plainWithin(message, 300),
});

/** Of what a person was shown: what they save is that, or they are shown it anew. */
export const fingerprint = (form: EditForm): string =>
  createHash("sha256")
    .update(
      JSON.stringify([
        form.revision,
        form.instruction,
        form.schedule,
        form.broadcast,
        Object.entries(form.policies).sort(),
      ]),
    )
    .digest("hex")
    .slice(0, 16);
