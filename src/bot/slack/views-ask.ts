/** A line of text before a button does what it means: why not, or what instead. Pure. */
import type { types } from "@slack/bolt";
import type { Button, Card } from "../cards/card.ts";
import { mrkdwnOf } from "./mrkdwn.ts";
import { section } from "./render-blocks.ts";
import { aboutBlocks, isEditable, modal, readText, sayingModal, textInput, type ViewState } from "./views-modal.ts";

const INPUT = "text";

/** Its title and the button that sends it; a button of another kind is sent by its own label. */
const WORDS: Readonly<Record<string, readonly [title: string, submit: string]>> = {
  "approval.deny": ["Deny", "Deny"],
  "run.discard": ["Give up the run", "Discard"],
  "draft.edit": ["Change the draft", "Read it"],
};

/**
 * @param about what is decided on; null when the person sees it anyway
 * @param ref opaque id by which the adapter finds action, value and message again
 */
export function askModal(button: Button, about: Card | null, ref: string): types.ModalView {
  const plainLabel = button.label.replace(/…$/u, "");
  const [title, submit] = WORDS[button.action] ?? [plainLabel, plainLabel];
  const input = button.input ?? { label: "Text", initial: "", required: false };
  if (!isEditable(input.initial)) {
    return sayingModal(title, "This is too long to be changed in Slack. Type it anew after /claw.", ref);
  }
  return modal({
    callback: "ask",
    title,
    submit,
    memory: { ref, shown: null },
    blocks: [...aboutBlocks(about), textInput({ id: INPUT, ...input, multiline: true })],
  });
}

/** What to do about a message. @param quote what the message says */
export const aboutModal = (quote: string, ref: string): types.ModalView =>
  modal({
    callback: "ask",
    title: "Ask Claw about this",
    submit: "Ask",
    memory: { ref, shown: null },
    blocks: [
      ...(quote === "" ? [] : [section(mrkdwnOf(`${quote.slice(0, 500)}${quote.length > 500 ? " …" : ""}`))]),
      textInput({ id: INPUT, label: "What shall I do?", initial: "", required: true, multiline: true }),
    ],
  });

/** The block of the one input, where what is wrong with it is said. */
export const ASK_BLOCK = INPUT;

/** What the person typed; empty when nothing. */
export const readAsk = (state: ViewState): string => readText(state, INPUT);
