/** What every modal is made of, and what it remembers. Pure. */
import type { types } from "@slack/bolt";
import type { Card } from "../cards/card.ts";
import { LIMITS } from "./limits.ts";
import { mrkdwnOf } from "./mrkdwn.ts";
import { renderBlocks } from "./render.ts";
import { type Block, plainText, section } from "./render-blocks.ts";

/** What the state of a submitted view holds: by block, by action. */
export type ViewState = Readonly<
  Record<
    string,
    Readonly<
      Record<
        string,
        {
          readonly value?: string | null | undefined;
          readonly selected_option?: { readonly value?: string } | null | undefined;
        }
      >
    >
  >
>;

/** What a modal remembers between its opening and its submission. */
export interface Memory {
  /** Opaque id, by which the adapter finds what the modal is about: at most 2,900 printable ASCII characters. */
  readonly ref: string;
  /** Fingerprint of what the person was shown before they could save it; null before. */
  readonly shown: string | null;
  /** The revision that the fields were filled from; absent where there is none. */
  readonly base?: number;
}

export interface ModalParts {
  /** Which form it is; the adapter's listener goes by it. */
  readonly callback: "ask" | "edit" | "arguments" | "card";
  readonly title: string;
  /** Null: nothing can be sent. */
  readonly submit: string | null;
  readonly memory: Memory;
  readonly blocks: readonly (Block | types.InputBlock)[];
}

/** @throws RangeError when the reference is not one that can be carried */
export function modal({ callback, title, submit, memory, blocks }: ModalParts): types.ModalView {
  if (!/^[!-~]{1,2900}$/u.test(memory.ref)) {
    throw new RangeError("A modal's reference is an opaque id of at most 2,900 ASCII characters.");
  }
  return {
    type: "modal",
    callback_id: callback,
    title: plainText(title, LIMITS.modalTitle, "Claw"),
    ...(submit === null ? {} : { submit: plainText(submit, LIMITS.modalButton) }),
    close: plainText(submit === null ? "Close" : "Cancel", LIMITS.modalButton),
    private_metadata: JSON.stringify(memory),
    blocks: blocks.slice(0, LIMITS.viewBlocks),
  };
}

/** Null for what is not ours. */
export function readMemory(metadata: string): Memory | null {
  try {
    const read: unknown = JSON.parse(metadata);
    if (typeof read !== "object" || read === null || !("ref" in read) || typeof read.ref !== "string") return null;
    const shown = "shown" in read && typeof read.shown === "string" ? read.shown : null;
    const base = "base" in read && Number.isSafeInteger(read.base) ? { base: Number(read.base) } : {};
    return { ref: read.ref, shown, ...base };
  } catch {
    return null;
  }
}

export interface TextInput {
  readonly id: string;
  readonly label: string;
  /** At most 3,000 characters: what is longer cannot be edited in Slack, and must not be cut. */
  readonly initial: string;
  readonly required: boolean;
  readonly multiline: boolean;
  readonly hint?: string;
}

/** The name of the one element of each of our input blocks. */
export const VALUE = "value";

export const textInput = ({ id, label, initial, required, multiline, hint }: TextInput): types.InputBlock => ({
  type: "input",
  block_id: id,
  optional: !required,
  label: plainText(label, LIMITS.inputLabel, "Text"),
  ...(hint === undefined || hint === "" ? {} : { hint: plainText(hint, 300) }),
  element: {
    type: "plain_text_input",
    action_id: VALUE,
    multiline,
    max_length: LIMITS.inputText,
    ...(initial === "" ? {} : { initial_value: initial }),
  },
});

export const readText = (state: ViewState, id: string): string => state[id]?.[VALUE]?.value ?? "";

/** Fits an input of Slack. */
export const isEditable = (text: string): boolean => text.length <= LIMITS.inputText;

/** A card above a form: what it is about, without its buttons. */
export const aboutBlocks = (card: Card | null): readonly Block[] =>
  card === null
    ? []
    : renderBlocks({ ...card, buttons: [], footer: "" }, { showAll: null, surface: "view" }, 40, 20_000).blocks;

/** A whole card in a modal: a dry run's result, a report in full, a run. @param ref opaque id of what it shows */
export const cardModal = (card: Card, title: string, ref: string): types.ModalView =>
  modal({
    callback: "card",
    title,
    submit: null,
    memory: { ref, shown: null },
    blocks: renderBlocks(card, { showAll: null, surface: "view" }, LIMITS.viewBlocks, LIMITS.viewJson).blocks,
  });

/** A sentence in a modal: that something is being read, or why it cannot be done here. */
export const sayingModal = (title: string, sentence: string, ref: string): types.ModalView =>
  modal({
    callback: "card",
    title,
    submit: null,
    memory: { ref, shown: null },
    blocks: [section(mrkdwnOf(sentence.slice(0, 1_000)))],
  });
