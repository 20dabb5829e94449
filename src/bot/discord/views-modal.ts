/** What every modal is made of. Pure. */
import { plainWithin } from "../chat/text.ts";
import { LIMITS } from "./limits.ts";
import { type Markdown, markdownOf } from "./markdown.ts";

/** Numbers of Discord's component types in modals. */
const PART = { select: 3, input: 4, text: 10, label: 18 } as const;

export interface Modal {
  readonly custom_id: string;
  readonly title: string;
  readonly components: readonly unknown[];
}

export const modal = (customId: string, title: string, parts: readonly unknown[]): Modal => ({
  custom_id: customId,
  title: plainWithin(title, LIMITS.modalTitle, "Claw"),
  components: parts.slice(0, LIMITS.modalParts),
});

interface Input {
  readonly id: string;
  readonly label: string;
  /** Small words below the label; empty when there are none. */
  readonly hint: string;
  readonly required: boolean;
}

const labelled = ({ label, hint }: Input, component: unknown): unknown => ({
  type: PART.label,
  label: plainWithin(label, LIMITS.label, "Text"),
  ...(hint === "" ? {} : { description: plainWithin(hint, LIMITS.labelDescription) }),
  component,
});

/** @param initial at most 4,000 characters: what is longer cannot be edited in Discord, and must not be cut */
export const textInput = (input: Input & { readonly initial: string; readonly multiline: boolean }): unknown =>
  labelled(input, {
    type: PART.input,
    custom_id: input.id,
    style: input.multiline ? 2 : 1,
    required: input.required,
    max_length: LIMITS.inputText,
    ...(input.initial === "" ? {} : { value: input.initial }),
  });

export const selectInput = (
  input: Input & {
    readonly options: readonly { readonly label: string; readonly value: string; readonly chosen: boolean }[];
  },
): unknown =>
  labelled(input, {
    type: PART.select,
    custom_id: input.id,
    required: input.required,
    options: input.options.slice(0, LIMITS.options).map(({ label, value, chosen }) => ({
      label: plainWithin(label, LIMITS.optionLabel, "(empty)"),
      value,
      ...(chosen ? { default: true } : {}),
    })),
  });

/** Words above a form: what it is about. */
export const aboutPart = (content: Markdown): unknown => ({
  type: PART.text,
  content: content === "" ? markdownOf("…") : content,
});

/** Fits an input of Discord. */
export const isEditable = (text: string): boolean => text.length <= LIMITS.inputText;
