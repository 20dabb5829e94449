/** From a closed wait back to work, under the run's lock: first the run's row, then everything else of it. */

import { expire } from "../approvals/expiry.ts";
import { inWork, type Work, type WorkDeps } from "../db/work.ts";
import { revise, showAgain } from "../delivery/store.ts";
import { assertNever } from "../errors.ts";
import { closeQuestion } from "../questions/ask.ts";
import { holdBack } from "../services/queue.ts";
import { budgetKey } from "./budget-wait.ts";
import { type EndingDeps, failRun } from "./ending.ts";
import { moveStep } from "./journal/store.ts";
import { type HeldRun, lockRun, moveRun } from "./store.ts";
import { unknownEffectKey } from "./unknown-effect.ts";
import { SILENCE } from "./wait.ts";
import { clearDue, closeWait, dueWaits, type Wait } from "./waits/store.ts";

type ResumeDeps = WorkDeps & EndingDeps;

/** Lets a waiting run go on; one that is running looks again by itself before it waits. */
export async function requeue(work: Work, run: HeldRun): Promise<void> {
  if (run.status === "waiting") await moveRun(work.tx, run, "waiting", "queued", { dueAt: work.now });
  work.wake("runs.due");
}

/** Waits decided by silence in one go. */
const BATCH = 200;

/**
 * Closes the waits whose time has come, each in a work of its own: one that cannot be closed keeps no other open.
 * Called by whoever looks for due runs; again is harmless. @returns how many were closed
 */
export async function closeDueWaits(deps: ResumeDeps): Promise<number> {
  let closed = 0;
  while (true) {
    const due = await dueWaits(deps.db, new Date(deps.clock.now()), BATCH);
    const held = await holdBack(deps, due);
    let now = 0;
    for (const wait of due) {
      if (held.has(wait.id)) continue;
      try {
        if (await inWork(deps, (work) => closeBySilence(deps, work, wait))) now++;
      } catch (error) {
        deps.log.error({ runId: wait.runId, waitId: wait.id, wait: wait.kind, err: error }, "wait not closed");
      }
    }
    closed += now;
    if (due.length < BATCH || now + held.size === 0) return closed;
  }
}

/** @returns false when there was nothing to close: somebody answered, or silence means nothing here */
async function closeBySilence(deps: ResumeDeps, work: Work, due: Wait): Promise<boolean> {
  const meaning = SILENCE[due.kind];
  if (meaning === "keep_asking") return keepAsking(work, due);
  const run = await lockRun(work, due.workspaceId, { id: due.runId });
  if (!run) return false;
  const wait = await closeWait(work, due.workspaceId, { id: due.id }, { outcome: "silence", by: "claw" });
  if (!wait) return false;
  switch (meaning) {
    case "go_on":
      if (wait.step) await moveStep(work.tx, run, wait.step, "waiting", "ready");
      await requeue(work, run);
      return true;
    case "no":
      await sayNo(deps, work, run, wait);
      return true;
    default:
      return assertNever(meaning, "silence");
  }
}

/** Nothing is decided by silence; but from now on the card may offer to try the call again. */
async function keepAsking(work: Work, due: Wait): Promise<boolean> {
  if (!(await clearDue(work, due))) return false;
  if (due.kind === "unknown_effect") await showAgain(work, due.workspaceId, unknownEffectKey(due.id));
  return true;
}

/**
 * Silence means no: an approval expires and the run is told; a question has no answer, which the run is told, too; nobody
 * allowed more money, so the run ends.
 */
async function sayNo(deps: ResumeDeps, work: Work, run: HeldRun, wait: Wait): Promise<void> {
  const at = work.now.toISOString();
  if (wait.kind === "approval" && typeof wait.detail.approvalId === "string") {
    const approval = { id: wait.detail.approvalId, workspaceId: run.workspaceId };
    const reason = "Nobody decided in time, which means no.";
    await expire(work, run, approval, "pending", { reason, decidedAt: work.now }, { number: wait.detail.number });
    if (wait.step) {
      await moveStep(work.tx, run, wait.step, "waiting", "refused", {
        failure: { code: "approval_expired", message: reason },
        endedAt: work.now,
      });
    }
    await requeue(work, run);
    return;
  }
  if (wait.kind === "answer" && typeof wait.detail.questionId === "string") {
    const question = { id: wait.detail.questionId, workspaceId: run.workspaceId, number: Number(wait.detail.number) };
    await closeQuestion(work, run, question, { kind: "expired", at });
    if (wait.step) await moveStep(work.tx, run, wait.step, "waiting", "ready");
    await requeue(work, run);
    return;
  }
  if (wait.kind === "budget") {
    await revise(work, run.workspaceId, budgetKey(wait.id), (notice) =>
      notice.kind === "budgetAsked" ? { ...notice, decision: { kind: "stopped", by: "nobody, in time", at } } : null,
    );
  }
  const failure = {
    code: "over_budget",
    message: "Nobody allowed more money in time, so the run was stopped.",
  } as const;
  if (run.status === "waiting") await failRun(deps, work, run, failure, "waiting");
}
