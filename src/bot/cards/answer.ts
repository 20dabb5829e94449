/** Short answers: done, no, why, which of these. Pure. */
import { classOf, type Failure } from "../../orchestrator/index.ts";
import type { Question, Unclear } from "../commands/command.ts";
import { commandButtons } from "./actions.ts";
import { type Button, type Card, card } from "./card.ts";
import { heading, titled, upperFirst } from "./parts.ts";
import { cut, plain, prose, withInstants } from "./plain.ts";

/** It was done. The text is ours: its instants are kept as they are. */
export const doneCard = (text: string, buttons: readonly Button[] = []): Card =>
  card({ state: "done", title: heading(text), buttons });

/** Why a workflow did or did not run: the first sentence leads, what belongs to it follows. */
export function whyCard(why: string, buttons: readonly Button[] = []): Card {
  const [, first = why, rest = ""] = /^(.*?[.!?…])\s+(?=[A-Z])(.*)$/su.exec(why) ?? [];
  const lead = titled("", first);
  const text = [lead.text, rest === "" ? "" : withInstants(prose(rest))].filter((part) => part !== "").join("\n\n");
  return card({ title: lead.title, text, buttons });
}

/**
 * An error that people can do something about is told as it stands; of a bug only that there is one, with the id
 * under which an operator finds it in the log.
 */
export function errorCard(failure: Failure, logId: string | null = null): Card {
  const kind = classOf(failure.code);
  if (kind === "broken") {
    return card({
      state: "failed",
      title: "Something broke inside Claw; nothing you typed was wrong",
      text: "Try again. If it stays, tell whoever runs Claw.",
      footer: logId === null ? "" : `in the log as ${plain(logId)}`,
    });
  }
  return card({ state: kind === "invalid" || kind === "denied" ? null : "failed", ...titled("", failure.message) });
}

/** A question instead of a guess; each reading is a button, or a line to type when it is too long for one. */
export function questionCard(question: Pick<Question, "question" | "readings">): Card {
  return card({
    state: "asks",
    title: heading(plain(question.question)),
    text: typed(question.readings.map(({ label, phrase }) => ({ label, line: phrase }))),
    buttons: question.readings.flatMap(({ label, phrase }) => commandButtons(labelOf(label), phrase)),
  });
}

/** What is wrong with a line, and what to try. */
export function unclearCard(unclear: Pick<Unclear, "reason" | "suggestions">): Card {
  const lead = titled("", upperFirst(unclear.reason), asTyped);
  const lines = typed(unclear.suggestions);
  return card({
    title: lead.title,
    text: [lead.text, lines].filter((text) => text !== "").join("\n\n"),
    buttons: unclear.suggestions.flatMap(({ label, line }) => commandButtons(labelOf(label), line)),
    footer: unclear.suggestions.some(({ line }) => line === "help") ? "" : "or /claw help",
  });
}

/** A line that is repeated to the person who typed it keeps its own spelling of times. */
const asTyped = (text: string): string => text;

const labelOf = (label: string): string => cut(plain(label), 72);

function typed(suggestions: readonly { readonly label: string; readonly line: string }[]): string {
  return suggestions
    .filter(({ line }) => line !== "help")
    .map(({ line }) => `- \`/claw ${cut(plain(line), 200).replaceAll("`", "'")}\``)
    .join("\n");
}
