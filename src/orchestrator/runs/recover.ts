/** What a lost worker left behind: steps that were started and never heard of again. */
import { appendAudit } from "../audit/store.ts";
import { settleLost } from "../budget/store.ts";
import { inWork } from "../db/work.ts";
import type { EngineDeps } from "./engine-deps.ts";
import { enter, RunOver } from "./interruption.ts";
import { loadJournal, moveStep, recordAttempt } from "./journal/store.ts";
import { isLastOfRound } from "./retry.ts";
import type { Step } from "./step.ts";
import { chargeRun, type HeldRun } from "./store.ts";
import { askUnknownEffect } from "./unknown-effect.ts";

/**
 * Called once a claim, before anything else: whatever is `started` now was started under an earlier epoch. A model call
 * and a repeatable tool call become ready again (their attempt is spent, so a call that kills its worker cannot loop);
 * any other may have happened, and a person is asked. The start of a call that is safe to repeat is not journalled, so
 * when the worker was lost every such call that was ready counts as begun.
 * @throws RunOver when a call has used up its attempts by losing its worker
 */
export async function recoverOrphans(deps: EngineDeps, run: HeldRun): Promise<void> {
  if (run.epoch === 1) return;
  const orphans = (await loadJournal(deps.db, run)).filter(
    (step) => step.status === "started" || (run.wasLost && step.status === "ready" && isSafe(deps, step)),
  );
  if (orphans.length === 0) return;
  const poison = await inWork(deps, async (work) => {
    await enter(work, run);
    const lost = await settleLost(work.tx, { runId: run.id, at: work.now });
    if (lost.micros > 0) await chargeRun(work.tx, run, { costMicros: lost.micros, tainted: false });
    for (const step of orphans) {
      if (step.status === "ready") await moveStep(work.tx, run, step, "ready", "started", { startedAt: work.now });
      await recordAttempt(work.tx, run, {
        turn: step.turn,
        callIndex: step.callIndex,
        number: attemptsOf(step),
        outcome: "abandoned",
        failure: null,
        startedAt: step.startedAt ?? work.now,
        endedAt: work.now,
      });
      if (repeatable(deps, step)) {
        const lostCost = step.kind === "model" ? { costMicros: step.costMicros + lost.micros } : {};
        await moveStep(work.tx, run, step, "started", "ready", lostCost);
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
    const { retryDelaysMs } = run.pinned.policies;
    // A worker that stopped in order gave its runs back: that is nothing a step is to blame for.
    if (!run.wasLost) return null;
    return orphans.find((step) => repeatable(deps, step) && isLastOfRound(attemptsOf(step), retryDelaysMs)) ?? null;
  });
  if (poison) {
    throw new RunOver("dead", {
      code: "bug",
      message: `${poison.name} was begun ${attemptsOf(poison)} times and its worker was lost each time.`,
    });
  }
}

/** The lost one included. */
const attemptsOf = (step: Step): number => step.attempts + (step.status === "ready" ? 1 : 0);

const isSafe = (deps: EngineDeps, step: Step): boolean =>
  step.kind === "tool" && deps.registry.get(step.name)?.retry === "safe";

const repeatable = (deps: EngineDeps, step: Step): boolean =>
  step.kind === "model" || (deps.registry.get(step.name)?.retry ?? "never") !== "never";
