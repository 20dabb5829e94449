/** A run whose workspace was stopped: it is given back to the queue as it is, and says what was under way. */
import { appendAudit } from "../audit/store.ts";
import type { Work } from "../db/work.ts";
import type { EngineDeps } from "./engine-deps.ts";
import { effectsIn } from "./happened.ts";
import { tellHome } from "./home.ts";
import { loadJournal } from "./journal/store.ts";
import { activeMsAt } from "./limit.ts";
import { announceProgress } from "./progress.ts";
import { type HeldRun, moveRun, refOf } from "./store.ts";

/** The fence must be held. Whoever claims it after it was resumed goes on from the journal. */
export async function suspendRun(deps: EngineDeps, work: Work, run: HeldRun, by: string): Promise<void> {
  if (!(await moveRun(work.tx, run, "running", "queued", { dueAt: work.now, activeMs: activeMsAt(run, work.now) })))
    return;
  const journal = await loadJournal(work.tx, run);
  const underWay = effectsIn(deps.registry, journal).filter(({ step }) => step.status === "started");
  const actions = underWay.map(({ step, contract }) => contract.preview?.(step.input).action ?? step.name);
  await announceProgress(deps, work, run, { state: "waiting" });
  if (run.replayOf === null && actions.length > 0) {
    await tellHome(deps, work, run, `suspended:${run.id}:${run.epoch}`, {
      kind: "runSuspended",
      run: refOf(run),
      by,
      at: work.now.toISOString(),
      underWay: actions,
    });
  }
  await appendAudit(work.tx, [
    {
      workspaceId: run.workspaceId,
      at: work.now,
      actor: "claw",
      action: "run.suspended",
      subject: { kind: "run", id: run.id },
      workflowId: run.workflowId,
      runId: run.id,
      detail: { number: run.number, stoppedBy: by, underWay: actions },
    },
  ]);
}
