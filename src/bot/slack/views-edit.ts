/** Editing a workflow: its time and its instruction, and what changes before it is saved. Pure. */
import type { types } from "@slack/bolt";
import { BOLD, mrkdwnOf } from "./mrkdwn.ts";
import { paginate } from "./mrkdwn-pages.ts";
import { type Block, section } from "./render-blocks.ts";
import { isEditable, type Memory, modal, readText, sayingModal, textInput, type ViewState } from "./views-modal.ts";

export interface WorkflowTexts {
  /** `every weekday at 9, Europe/Paris`: as people type it. */
  readonly when: string;
  readonly what: string;
}

const WHEN = "when";
const WHAT = "what";

/**
 * The first form, or, with a diff, the same one with what would change on top and *Save*. The fields stay: what is changed
 * again is shown again.
 * @param diff lines as on a card; null before the person has sent anything
 * @param now what the workflow is now, or what the person has typed
 */
export function editModal(
  name: string,
  now: WorkflowTexts,
  diff: readonly string[] | null,
  ref: string,
): types.ModalView {
  if (!isEditable(now.when) || !isEditable(now.what)) {
    return sayingModal(
      "Edit",
      `${name} is too long to be changed in Slack. Type /claw edit ${name} and the new text.`,
      ref,
    );
  }
  return modal({
    callback: "edit",
    title: "Edit",
    submit: diff === null ? "Show changes" : "Save",
    memory: { ref, shown: diff === null ? null : fingerprint(now) },
    blocks: [
      section(mrkdwnOf(diff === null ? name : `${name} would change like this`, BOLD)),
      ...(diff === null ? [] : diffBlocks(diff)),
      textInput({
        id: WHEN,
        label: "When",
        initial: now.when,
        required: true,
        multiline: false,
        hint: 'As after /claw: "every weekday at 9"',
      }),
      textInput({ id: WHAT, label: "What", initial: now.what, required: true, multiline: true }),
    ],
  });
}

function diffBlocks(diff: readonly string[]): Block[] {
  const { pages, cut } = paginate([{ kind: "code", text: diff.join("\n") }], 3_000, 50_000, 20);
  return [
    ...pages.map((page) => section(page)),
    ...(cut ? [section(mrkdwnOf("… and more than can be shown here"))] : []),
  ];
}

export const readEdit = (state: ViewState): WorkflowTexts => ({
  when: readText(state, WHEN).trim(),
  what: readText(state, WHAT).trim(),
});

/** Whether the person saw the diff of just these texts: only then they are saved. */
export const wasShown = (memory: Memory, texts: WorkflowTexts): boolean =>
  memory.shown !== null && memory.shown === fingerprint(texts);

/** What was wrong, at the field it was in: the body of `response_action: "errors"`. */
export const editErrors = (problems: Partial<WorkflowTexts>): Record<string, string> => ({
  ...(problems.when === undefined ? {} : { [WHEN]: problems.when.slice(0, 300) }),
  ...(problems.what === undefined ? {} : { [WHAT]: problems.what.slice(0, 300) }),
});

/** Tells texts apart (cyrb53); nobody gains by making two alike, since what is saved is what the form holds. */
function fingerprint({ when, what }: WorkflowTexts): string {
  let high = 0xdeadbeef;
  let low = 0x41c6ce57;
  for (const letter of JSON.stringify([when, what])) {
    const code = letter.codePointAt(0) ?? 0;
    high = Math.imul(high ^ code, 2_654_435_761);
    low = Math.imul(low ^ code, 1_597_334_677);
  }
  high = Math.imul(high ^ (high >>> 16), 2_246_822_507) ^ Math.imul(low ^ (low >>> 13), 3_266_489_909);
  low = Math.imul(low ^ (low >>> 16), 2_246_822_507) ^ Math.imul(high ^ (high >>> 13), 3_266_489_909);
  return (4_294_967_296 * (2_097_151 & low) + (high >>> 0)).toString(36);
}
