/** Asks people a question of a run, and keeps its card true. */
import type { WaitFor } from "../../tools/index.ts";
import { appendAudit } from "../audit/store.ts";
import type { Work } from "../db/work.ts";
import { revise } from "../delivery/store.ts";
import type { Failure } from "../errors.ts";
import type { Notice, QuestionEnd, QuestionView } from "../events.ts";
import { nextNumber, personsOf } from "../members/store.ts";
import type { Ids, MemberId } from "../ports.ts";
import { halfTime } from "../runs/half-time.ts";
import { tellHome } from "../runs/home.ts";
import type { StepKey } from "../runs/step.ts";
import { type HeldRun, refOf } from "../runs/store.ts";
import { openWait } from "../runs/waits/store.ts";
import { answererWords, mayAnswer, type Question, type QuestionStatus } from "./question.ts";
import { endQuestion, insertQuestion, openQuestions } from "./store.ts";

/** The message a question is asked in; its end edits it. */
export const questionKey = (questionId: string): string => `question:${questionId}`;
/** The message that says it again at half time; its end edits that, too. */
export const questionReminderKey = (questionId: string): string => `question-reminder:${questionId}`;

/** A member by the id of their platform, whom Claw need not have met. */
const PLATFORM_ID = /^@(?:[UWS][A-Z0-9]{6,}|\d{15,20})$/;

type Wanted = Extract<WaitFor, { kind: "answer" }>;

/**
 * Opens the question, its wait and its card. The step goes to wait in the same work.
 * @returns null, or why nobody was asked: then nothing was written
 */
export async function askPeople(
  deps: { readonly ids: Ids },
  work: Work,
  run: HeldRun,
  step: StepKey,
  { question: text, choices, of: answerers, forMs }: Wanted,
): Promise<Failure | null> {
  const { workspaceId } = run;
  if (answerers !== null && !answerers.some((name) => PLATFORM_ID.test(name))) {
    const able = await whoCan(work, { answerers, workspaceId }, run.ownerId);
    if (able.length === 0) {
      return {
        code: "invalid_input",
        message: `I know nobody who is ${answererWords(answerers)}. Name a role (member, approver, admin) or a group of the platform (@leads) in "of", or leave "of" out.`,
      };
    }
  }
  const id = deps.ids.next();
  const number = await nextNumber(work.tx, workspaceId, "questionCounter");
  const until = new Date(work.now.getTime() + forMs);
  const remindAt = halfTime(work.now, forMs);
  const { turn, callIndex } = step;
  await insertQuestion(work.tx, {
    id,
    workspaceId,
    number,
    runId: run.id,
    turn,
    callIndex,
    text,
    choices,
    answerers,
    remindAt,
    createdAt: work.now,
  });
  await openWait(work, {
    id: deps.ids.next(),
    workspaceId,
    runId: run.id,
    step: { turn, callIndex },
    kind: "answer",
    dueAt: until,
    detail: { questionId: id, number, question: text },
  });
  const who = answererWords(answerers);
  const question: QuestionView = {
    questionId: id,
    number,
    run: refOf(run),
    question: text,
    choices,
    who,
    until: until.toISOString(),
    tainted: run.tainted,
  };
  await tellHome(deps, work, run, questionKey(id), { kind: "questionAsked", question, decision: null });
  await auditQuestion(work, run, { id, number, workspaceId }, "claw", "asked", { choices, who, until: question.until });
  return null;
}

/** People who can answer, as Claw knows them now. */
export async function whoCan(
  work: Work,
  question: Pick<Question, "answerers" | "workspaceId">,
  ownerId: MemberId,
): Promise<string[]> {
  const people = [...(await personsOf(work.tx, question.workspaceId, "all")).values()];
  return people
    .filter((person) => mayAnswer(question, person, ownerId))
    .map(({ name }) => name)
    .sort();
}

/** Ends an open question: its card says how, and the record. @returns false when it was over before */
export async function closeQuestion(
  work: Work,
  run: Pick<HeldRun, "id" | "workflowId">,
  question: Pick<Question, "id" | "workspaceId" | "number">,
  end: QuestionEnd,
  answeredBy: MemberId | null = null,
): Promise<boolean> {
  const status: Exclude<QuestionStatus, "open"> = end.kind;
  const change = end.kind === "answered" ? { answer: end.answer, answeredBy } : {};
  if (!(await endQuestion(work.tx, question, status, { ...change, endedAt: work.now }))) return false;
  const edit = (notice: Notice): Notice | null =>
    notice.kind === "questionAsked" || notice.kind === "questionReminder" ? { ...notice, decision: end } : null;
  await revise(work, question.workspaceId, questionKey(question.id), edit);
  await revise(work, question.workspaceId, questionReminderKey(question.id), edit);
  await auditQuestion(work, run, question, answeredBy ?? "claw", status, {});
  return true;
}

/** The run is over: what it asked is not asked any more. */
export async function closeQuestionsOf(work: Work, run: HeldRun): Promise<void> {
  for (const question of await openQuestions(work.tx, run.workspaceId, { runId: run.id })) {
    await closeQuestion(work, run, question, { kind: "cancelled", at: work.now.toISOString() });
  }
}

/** What was answered stands with the question; the record says who and when. */
export async function auditQuestion(
  work: Work,
  run: Pick<HeldRun, "id" | "workflowId">,
  question: Pick<Question, "id" | "number" | "workspaceId">,
  actor: string,
  what: string,
  detail: Readonly<Record<string, unknown>>,
): Promise<void> {
  await appendAudit(work.tx, [
    {
      workspaceId: question.workspaceId,
      at: work.now,
      actor,
      action: `question.${what}`,
      subject: { kind: "question", id: question.id },
      workflowId: run.workflowId,
      runId: run.id,
      detail: { number: question.number, ...detail },
    },
  ]);
}
