/** What a lost worker left behind: steps that were started and never heard of again. */
import { appendAudit } from "../audit/store.ts";
import { settleLost } from "../budget/store.ts";
import { inWork } from "../db/work.ts";
import type { EngineDeps } from "./engine-deps.ts";
import { enter, RunOver } from "./interruption.ts";
import { loadJournal, moveStep, recordAttempt } from "./journal/store.ts";
import type { Step } from "./step.ts";
import { chargeRun, type HeldRun } from "./store.ts";
import { askUnknownEffect } from "./unknown-effect.ts";

/**
 * Called once a claim, before anything else: whatever is `started` now was started under an earlier epoch. A model call
 * and a repeatable tool call become ready again (their attempt is spent, so a call that kills its worker cannot loop);
 * any other may have happened, and a person is asked.
 * @throws RunOver when a call has used up its attempts by losing its worker
 */
export async function recoverOrphans(deps: EngineDeps, run: HeldRun): Promise<void> {
  if (run.epoch === 1) return;
  const orphans = (await loadJournal(deps.db, run)).filter((step) => step.status === "started");
  if (orphans.length === 0) return;
  const poison = await inWork(deps, async (work) => {
    await enter(work, run);
    const lost = await settleLost(work.tx, { runId: run.id, at: work.now });
    if (lost.micros > 0) await chargeRun(work.tx, run, { costMicros: lost.micros, tainted: false });
    for (const step of orphans) {
      await recordAttempt(work.tx, run, {
        turn: step.turn,
        callIndex: step.callIndex,
        number: step.attempts,
        outcome: "abandoned",
        failure: null,
        startedAt: step.startedAt ?? work.now,
        endedAt: work.now,
      });
      if (repeatable(deps, step)) {
        await moveStep(work.tx, run, step, "started", "ready");
      } else if (step.kind === "tool") {
        await moveStep(work.tx, run, step, "started", "unknown", {
          failure: { code: "unknown_effect", message: "Claw was stopped before it heard the answer." },
        });
        await askUnknownEffect(deps, work, run, step);
      }
    }
    await appendAudit(work.tx, [
      {
        workspaceId: run.workspaceId,
        at: work.now,
        actor: "claw",
        action: "run.recovered",
        subject: { kind: "run", id: run.id },
        workflowId: run.workflowId,
        runId: run.id,
        detail: { epoch: run.epoch, steps: orphans.map((step) => `${step.turn}.${step.callIndex} ${step.name}`) },
      },
    ]);
    const most = run.pinned.policies.retryDelaysMs.length + 1;
    return orphans.find((step) => repeatable(deps, step) && step.attempts >= most) ?? null;
  });
  if (poison) {
    throw new RunOver("dead", {
      code: "bug",
      message: `${poison.name} was begun ${poison.attempts} times and its worker was lost each time.`,
    });
  }
}

const repeatable = (deps: EngineDeps, step: Step): boolean =>
  step.kind === "model" || (deps.registry.get(step.name)?.retry ?? "never") !== "never";
