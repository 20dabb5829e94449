/** At half of its time an open question is said again, with who can answer it. */
import { inWork, type Work, type WorkDeps } from "../db/work.ts";
import { noticesOf } from "../delivery/store.ts";
import type { Ids } from "../ports.ts";
import { tellHome } from "../runs/home.ts";
import { type HeldRun, lockRun } from "../runs/store.ts";
import { auditQuestion, questionKey, questionReminderKey, whoCan } from "./ask.ts";
import type { Question } from "./question.ts";
import { clearReminder, questionsToRemind } from "./store.ts";

const BATCH = 100;
/** Names that are said. */
const NAMED = 5;

/** Each in a work of its own, once. Again is harmless. */
export async function remindOfQuestions(deps: WorkDeps & { readonly ids: Ids }): Promise<void> {
  for (const question of await questionsToRemind(deps.db, new Date(deps.clock.now()), BATCH)) {
    await inWork(deps, async (work) => {
      const run = await lockRun(work, question.workspaceId, { id: question.runId });
      if (run && (await clearReminder(work.tx, question))) await remind(deps, work, run, question);
    });
  }
}

async function remind(deps: { readonly ids: Ids }, work: Work, run: HeldRun, question: Question): Promise<void> {
  const { workspaceId, id } = question;
  const asked = (await noticesOf(work.tx, workspaceId, [questionKey(id)])).get(questionKey(id));
  if (asked?.kind !== "questionAsked" || asked.decision !== null) return;
  const able = await whoCan(work, question, run.ownerId);
  await tellHome(deps, work, run, questionReminderKey(id), {
    kind: "questionReminder",
    question: asked.question,
    able: able.slice(0, NAMED),
    more: Math.max(able.length - NAMED, 0),
    decision: null,
  });
  await auditQuestion(work, run, question, "claw", "reminded", { able: able.length });
}
