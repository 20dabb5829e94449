/** Questions in SQL. */
import { and, asc, desc, eq, isNotNull, lte } from "drizzle-orm";
import type { Database, Transaction } from "../db/client.ts";
import { questions, runs } from "../db/schema.ts";
import { ClawError } from "../errors.ts";
import type { WorkspaceId } from "../ports.ts";
import type { StepKey } from "../runs/step.ts";
import { QUESTION_TRANSITIONS, type Question, type QuestionStatus } from "./question.ts";

export type QuestionKey = { readonly id: string } | { readonly number: number };

export async function insertQuestion(
  tx: Transaction,
  question: Omit<Question, "status" | "answer" | "answeredBy" | "endedAt">,
): Promise<void> {
  const { choices, answerers } = question;
  await tx.insert(questions).values({
    ...question,
    choices: choices && [...choices],
    answerers: answerers && [...answerers],
    status: "open",
  });
}

/** Null when this workspace has none such. */
export async function findQuestion(
  db: Database | Transaction,
  workspaceId: WorkspaceId,
  which: QuestionKey,
): Promise<Question | null> {
  const by = "id" in which ? eq(questions.id, which.id) : eq(questions.number, which.number);
  const rows = await db
    .select()
    .from(questions)
    .where(and(eq(questions.workspaceId, workspaceId), by));
  return rows[0] ?? null;
}

/** What a step asked last; null when it asked nothing. */
export async function questionOfStep(
  tx: Transaction,
  run: { readonly id: string; readonly workspaceId: WorkspaceId },
  step: StepKey,
): Promise<Question | null> {
  const rows = await tx
    .select()
    .from(questions)
    .where(
      and(
        eq(questions.workspaceId, run.workspaceId),
        eq(questions.runId, run.id),
        eq(questions.turn, step.turn),
        eq(questions.callIndex, step.callIndex),
      ),
    )
    .orderBy(desc(questions.number))
    .limit(1);
  return rows[0] ?? null;
}

/** What waits for an answer, of one workflow's or one run's, in the order asked. */
export async function openQuestions(
  db: Database | Transaction,
  workspaceId: WorkspaceId,
  of: { readonly workflowId: string } | { readonly runId: string },
): Promise<Question[]> {
  const rows = await db
    .select({ question: questions })
    .from(questions)
    .innerJoin(runs, eq(runs.id, questions.runId))
    .where(
      and(
        eq(questions.workspaceId, workspaceId),
        eq(questions.status, "open"),
        "runId" in of ? eq(questions.runId, of.runId) : eq(runs.workflowId, of.workflowId),
      ),
    )
    .orderBy(asc(questions.number));
  return rows.map(({ question }) => question);
}

/** The one mutator of a question's status: compare and set. @returns false when it was not open any more */
export async function endQuestion(
  tx: Transaction,
  question: Pick<Question, "id" | "workspaceId">,
  to: Exclude<QuestionStatus, "open">,
  change: { readonly endedAt: Date } & Partial<Pick<Question, "answer" | "answeredBy">>,
): Promise<boolean> {
  if (!(QUESTION_TRANSITIONS.open as readonly QuestionStatus[]).includes(to)) {
    throw new ClawError("bug", `a question cannot go from open to ${to}`);
  }
  const rows = await tx
    .update(questions)
    .set({ ...change, status: to })
    .where(
      and(eq(questions.workspaceId, question.workspaceId), eq(questions.id, question.id), eq(questions.status, "open")),
    )
    .returning({ id: questions.id });
  return rows.length > 0;
}

/** Open questions whose half time has come, over all workspaces. */
export async function questionsToRemind(db: Database, now: Date, limit: number): Promise<Question[]> {
  return db
    .select()
    .from(questions)
    .where(and(eq(questions.status, "open"), lte(questions.remindAt, now)))
    .orderBy(asc(questions.remindAt))
    .limit(limit);
}

/** @returns false when somebody was reminded before, or it is over */
export async function clearReminder(tx: Transaction, question: Pick<Question, "id" | "workspaceId">): Promise<boolean> {
  const rows = await tx
    .update(questions)
    .set({ remindAt: null })
    .where(
      and(
        eq(questions.workspaceId, question.workspaceId),
        eq(questions.id, question.id),
        eq(questions.status, "open"),
        isNotNull(questions.remindAt),
      ),
    )
    .returning({ id: questions.id });
  return rows.length > 0;
}
