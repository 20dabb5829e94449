/** Answers to questions of runs: by a button, by a line, or by what somebody writes in the thread. */
import { answerInThread, answerQuestion, type Caller, ClawError } from "../../orchestrator/index.ts";
import type { Card } from "../cards/card.ts";
import { answeredCard, saidCard } from "../cards/question.ts";

export const QUESTION_ACTIONS = ["question.choose", "question.answer"] as const;
export type QuestionAction = (typeof QUESTION_ACTIONS)[number];
export const isQuestionAction = (action: string): action is QuestionAction =>
  (QUESTION_ACTIONS as readonly string[]).includes(action);

/** A choice's button says which question, and which of its choices. */
const CHOICE = /^([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}):(\d)$/i;

/** @throws ClawError for a forged or outlived button, and as `answerQuestion` does */
export async function pressQuestion(
  caller: Caller,
  action: QuestionAction,
  { value, text }: { readonly value: string; readonly text: string | null },
): Promise<Card> {
  if (action === "question.answer")
    return answeredCard(await answerQuestion(caller, { id: value }, { text: text ?? "" }));
  const [, id, choice] = CHOICE.exec(value) ?? [];
  if (id === undefined) {
    throw new ClawError("unknown_subject", "This button is no longer understood. /claw status shows what waits.");
  }
  return answeredCard(await answerQuestion(caller, { id }, { choice: Number(choice) }));
}

export const answerLineOf = async (caller: Caller, number: number, text: string): Promise<Card> =>
  answeredCard(await answerQuestion(caller, { number }, { text }));

/** Null: it is a message like any other. */
export async function heardInThread(caller: Caller, text: string): Promise<Card | null> {
  const said = await answerInThread(caller, text);
  return said && saidCard(said);
}
