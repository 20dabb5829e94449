/** A line of text before a button does what it means: why not, or what instead. Pure. */
import type { Button, Card } from "../cards/card.ts";
import { factPieces } from "../chat/markdown.ts";
import { BOLD, type Piece, spansOf } from "../chat/pieces.ts";
import { signed } from "../chat/signs.ts";
import { ABOUT_FORM, formIdOf } from "./custom-ids.ts";
import type { Markdown } from "./markdown.ts";
import { fitted } from "./markdown-fit.ts";
import { aboutPart, isEditable, type Modal, modal, textInput } from "./views-modal.ts";

const TEXT = "text";
const QUOTE = "quote";

/** Its title; a button of another kind names itself. */
const TITLES: Readonly<Record<string, string>> = {
  "approval.deny": "Deny",
  "run.discard": "Give up the run",
  "draft.edit": "Change the draft",
};

/** @returns null when what is to be changed is longer than Discord lets be changed */
export function askModal(button: Button, card: Card): Modal | null {
  const input = button.input ?? { label: "Text", initial: "", required: false };
  if (!isEditable(input.initial)) return null;
  const title = TITLES[button.action] ?? button.label.replace(/…$/u, "");
  return modal(formIdOf("text", button), title, [
    aboutPart(aboutText(card)),
    textInput({
      id: TEXT,
      label: input.label,
      hint: "",
      initial: input.initial,
      required: input.required,
      multiline: true,
    }),
  ]);
}

/** What a form is about: the head of its card and what it says exactly. */
export function aboutText(card: Card, most = 1_500): Markdown {
  const head: Piece = { kind: "line", prefix: "", spans: spansOf(signed(card.state, card.title), BOLD) };
  return fitted([head, ...card.facts.flatMap((fact) => factPieces(fact.label, fact.value, fact.code === true))], most)
    .text;
}

/** What the person typed; empty when nothing. */
export const readText = (entered: ReadonlyMap<string, string>): string => entered.get(TEXT) ?? "";

/** What to do about a message. @param quote what the message says */
export const aboutModal = (quote: string): Modal =>
  modal(ABOUT_FORM, "Ask Claw about this", [
    textInput({ id: TEXT, label: "What shall I do?", hint: "", initial: "", required: true, multiline: true }),
    textInput({
      id: QUOTE,
      label: "About",
      hint: "What Claw is given of the message; change or empty it as you like.",
      initial: quote.slice(0, MAX_QUOTE),
      required: false,
      multiline: true,
    }),
  ]);

const MAX_QUOTE = 2_000;

/** The line that the form means. */
export function readAbout(entered: ReadonlyMap<string, string>): string {
  const typed = readText(entered)
    .trim()
    .replace(/^now\b\s*/iu, "");
  const quote = (entered.get(QUOTE) ?? "").trim();
  return `now ${typed}${quote === "" ? "" : `: "${quote}"`}`;
}
