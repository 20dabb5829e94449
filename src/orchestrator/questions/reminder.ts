/** At half of its time an open question is said again, with who can answer it. */
import type { Work, WorkDeps } from "../db/work.ts";
import { noticesOf } from "../delivery/store.ts";
import type { Ids } from "../ports.ts";
import { namesSaid, remindAtHalfTime } from "../runs/half-time.ts";
import { tellHome } from "../runs/home.ts";
import type { HeldRun } from "../runs/store.ts";
import { auditQuestion, questionKey, questionReminderKey, whoCan } from "./ask.ts";
import type { Question } from "./question.ts";
import { clearReminder, questionsToRemind } from "./store.ts";

/** Again is harmless. */
export const remindOfQuestions = (deps: WorkDeps & { readonly ids: Ids }): Promise<void> =>
  remindAtHalfTime(deps, {
    due: questionsToRemind,
    clear: clearReminder,
    remind: (work, run, question) => remind(deps, work, run, question),
  });

async function remind(deps: { readonly ids: Ids }, work: Work, run: HeldRun, question: Question): Promise<void> {
  const { workspaceId, id } = question;
  const asked = (await noticesOf(work.tx, workspaceId, [questionKey(id)])).get(questionKey(id));
  if (asked?.kind !== "questionAsked" || asked.decision !== null) return;
  const able = await whoCan(work, question, run.ownerId);
  await tellHome(deps, work, run, questionReminderKey(id), {
    kind: "questionReminder",
    question: asked.question,
    ...namesSaid(able),
    decision: null,
  });
  await auditQuestion(work, run, question, "claw", "reminded", { able: able.length });
}
