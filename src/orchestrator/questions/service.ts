/** Answers. The first one counts, whoever may give it, and every one hears what came of it. */
import { personFor } from "../approvals/service.ts";
import type { Caller } from "../caller.ts";
import { storableText } from "../db/storable.ts";
import { ClawError } from "../errors.ts";
import { memberNames } from "../members/store.ts";
import { moveStep } from "../runs/journal/store.ts";
import { requeue } from "../runs/resume.ts";
import { type HeldRun, lockRun } from "../runs/store.ts";
import { closeWait, openWaitsOf } from "../runs/waits/store.ts";
import { findDefined, workflowOfThread } from "../workflows/store.ts";
import { closeQuestion } from "./ask.ts";
import { answererWords, answerIn, isChoice, LONGEST_ANSWER, mayAnswer, type Question } from "./question.ts";
import { findQuestion, openQuestions, type QuestionKey } from "./store.ts";

/** A choice by its place, from 0 on, or what somebody typed. */
export type Said = { readonly choice: number } | { readonly text: string };

export interface Answered {
  readonly number: number;
  readonly run: number;
  /** This answer counts; false when somebody was first. */
  readonly now: boolean;
  readonly answer: string;
  readonly by: string;
  readonly at: Date;
}

/**
 * Answers a question.
 * @throws ClawError `unknown_subject`, `forbidden` for who may not (nobody else is told of the try), `invalid_input` for
 *   what is no answer to it, or `conflict` when it is over without one
 */
export async function answerQuestion(caller: Caller, which: QuestionKey, said: Said): Promise<Answered> {
  const { work, actor } = caller;
  const found = await findQuestion(work.tx, actor.workspaceId, which);
  const run = found && (await lockRun(work, actor.workspaceId, { id: found.runId }));
  // The run's row first, as everywhere: what was read before it was locked may be over by now.
  const question = run && (await findQuestion(work.tx, actor.workspaceId, { id: found.id }));
  if (!run || !question) {
    throw new ClawError("unknown_subject", "There is no such question. /claw status shows what waits.");
  }
  await mustAnswer(caller, run, question);
  switch (question.status) {
    case "answered":
      return answeredBefore(caller, run, question);
    case "expired":
      throw over(question, "nobody answered in time, and the run was told so");
    case "cancelled":
      throw over(question, `run ${run.number} ended, so it is not asked any more`);
    case "open":
      return answerOpen(caller, run, question, textOf(question, said));
  }
}

async function mustAnswer({ work, actor }: Caller, run: HeldRun, question: Question): Promise<void> {
  if (mayAnswer(question, await personFor(work, actor), run.ownerId)) return;
  throw new ClawError(
    "forbidden",
    `Only ${answererWords(question.answerers)} can answer this. I have not told anyone that you tried.`,
  );
}

const over = ({ number, endedAt }: Question, why: string): ClawError =>
  new ClawError("conflict", `Too late for question ${number}: ${why}${endedAt ? ` ${endedAt.toISOString()}` : ""}.`);

async function answeredBefore({ work }: Caller, run: HeldRun, question: Question): Promise<Answered> {
  const names = await memberNames(work.tx, question.workspaceId);
  const { number, answer, answeredBy, endedAt } = question;
  return {
    number,
    run: run.number,
    now: false,
    answer: answer ?? "",
    by: names.get(answeredBy ?? "") ?? answeredBy ?? "somebody",
    at: endedAt ?? work.now,
  };
}

/** @throws ClawError `invalid_input` */
function textOf(question: Question, said: Said): string {
  const { number, choices } = question;
  const answer = "choice" in said ? (choices?.[said.choice] ?? null) : answerIn(choices, storableText(said.text));
  if (answer === null) {
    throw new ClawError(
      "invalid_input",
      choices === null
        ? `An answer needs words: /claw answer ${number} and your words.`
        : `Question ${number} has these choices: ${choices.map((choice, at) => `${at + 1} ${choice}`).join(", ")}. Type /claw answer ${number} and one of them.`,
    );
  }
  if ([...answer].length > LONGEST_ANSWER) {
    throw new ClawError(
      "invalid_input",
      `An answer may have at most ${LONGEST_ANSWER.toLocaleString("en-US")} characters; this has ${[...answer].length.toLocaleString("en-US")}. Shorten it.`,
    );
  }
  return answer;
}

/** The run is locked, the question open, and the caller may answer. */
async function answerOpen(caller: Caller, run: HeldRun, question: Question, answer: string): Promise<Answered> {
  const { work, actor } = caller;
  const { number } = question;
  const waits = await openWaitsOf(work.tx, run);
  const wait = waits.find(({ kind, detail }) => kind === "answer" && detail.questionId === question.id);
  // Whoever closes what is due has not come to it yet; what it means is settled.
  if (!wait?.step || (wait.dueAt !== null && wait.dueAt <= work.now)) {
    throw new ClawError("conflict", `Too late for question ${number}: nobody answered in time.`);
  }
  await closeWait(work, actor.workspaceId, { id: wait.id }, { outcome: "yes", by: actor.memberId });
  const at = work.now;
  await closeQuestion(
    work,
    run,
    question,
    { kind: "answered", answer, by: actor.name, at: at.toISOString() },
    actor.memberId,
  );
  await moveStep(work.tx, run, wait.step, "waiting", "ready");
  await requeue(work, run);
  return { number, run: run.number, now: true, answer, by: actor.name, at };
}

export interface OpenQuestion {
  readonly number: number;
  readonly question: string;
}

/** What a message in a workflow's thread is to the questions that are open there. */
export type SaidInThread =
  | { readonly kind: "answered"; readonly answered: Answered }
  /** It may be an answer to any of them, or is too long for one. */
  | { readonly kind: "unclear"; readonly why: "several" | "too_long"; readonly open: readonly OpenQuestion[] };

/**
 * A message answers the question that is open in its thread, when that is the only one whoever wrote it may answer and
 * could mean: with choices, it must be one of their words. Null: it is no answer. Throws nothing that a person did wrong: a message is kept in any case.
 */
export async function answerInThread(caller: Caller, text: string): Promise<SaidInThread | null> {
  const { work, actor, event } = caller;
  if (event.threadId === null || text.trim() === "") return null;
  const workflowId = await workflowOfThread(work.tx, actor.workspaceId, event.threadId);
  if (workflowId === null) return null;
  const open = await openQuestions(work.tx, actor.workspaceId, { workflowId });
  const defined = open.length === 0 ? null : await findDefined(work.tx, actor.workspaceId, { id: workflowId });
  if (!defined) return null;
  const person = await personFor(work, actor);
  const mine = open.filter(
    (question) =>
      (question.choices === null || isChoice(question.choices, text)) &&
      // What was written before it was asked is no answer to it.
      question.createdAt.getTime() <= event.at &&
      mayAnswer(question, person, defined.workflow.ownerId),
  );
  const [only, ...others] = mine;
  if (!only) return null;
  const asked = mine.map(({ number, text: question }) => ({ number, question }));
  if (others.length > 0) return { kind: "unclear", why: "several", open: asked };
  if ([...text.trim()].length > LONGEST_ANSWER) return { kind: "unclear", why: "too_long", open: asked };
  try {
    const answered = await answerQuestion(caller, { id: only.id }, { text });
    return answered.now ? { kind: "answered", answered } : null;
  } catch (error) {
    // It was over a moment ago; nothing was written.
    if (error instanceof ClawError && error.code !== "bug") return null;
    throw error;
  }
}
