/** At the ceiling a run waits, and people are asked: *Allow $x more · Stop*. */

import { offerMicros, type Refusal } from "../budget/budget.ts";
import type { Work } from "../db/work.ts";
import type { EngineDeps } from "./engine-deps.ts";
import { tellHome } from "./home.ts";
import type { StepKey } from "./step.ts";
import { type HeldRun, refOf } from "./store.ts";
import { openWait } from "./waits/store.ts";

export const budgetKey = (waitId: string): string => `budget:${waitId}`;

/** What *Allow* will do, kept with the wait. */
export interface BudgetAsk {
  readonly scope: Refusal["scope"];
  /** Which budget: the run's id, or the day that refused. */
  readonly key: string;
  readonly offerMicros: number;
}

/** How long money is asked for; silence means no. Milliseconds. */
const EXPIRY_MS = 72 * 60 * 60_000;

/** Opens the wait and says it in the home. The step must be `waiting` already. */
export async function askForMoney(
  deps: EngineDeps,
  work: Work,
  run: HeldRun,
  step: StepKey,
  day: string,
  refusal: Refusal,
): Promise<void> {
  const waitId = deps.ids.next();
  const ceiling = refusal.scope === "run" ? run.pinned.policies.runCeilingMicros : deps.dayCeilingMicros;
  const ask: BudgetAsk = {
    scope: refusal.scope,
    key: refusal.scope === "run" ? run.id : day,
    offerMicros: offerMicros(refusal, ceiling),
  };
  await openWait(work, {
    id: waitId,
    workspaceId: run.workspaceId,
    runId: run.id,
    step,
    kind: "budget",
    dueAt: new Date(work.now.getTime() + EXPIRY_MS),
    detail: { ...ask },
  });
  await tellHome(deps, work, run, budgetKey(waitId), {
    kind: "budgetAsked",
    run: refOf(run),
    waitId,
    scope: refusal.scope,
    limitMicros: refusal.limitMicros,
    spentMicros: refusal.spentMicros,
    neededMicros: refusal.neededMicros,
    offerMicros: ask.offerMicros,
    dayMicros: refusal.dayMicros,
    dayLimitMicros: refusal.dayLimitMicros,
    decision: null,
  });
}
