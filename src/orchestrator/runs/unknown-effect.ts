/** Asks people about a call that may have happened: *It happened · Try again · Stop*. */

import type { Work } from "../db/work.ts";
import type { EngineDeps } from "./engine-deps.ts";
import { tellHome } from "./home.ts";
import type { ToolStep } from "./step.ts";
import { type HeldRun, refOf } from "./store.ts";
import { openWait } from "./waits/store.ts";

/** The message a wait is asked in; the answer edits it. */
export const unknownEffectKey = (waitId: string): string => `unknown-effect:${waitId}`;

/** Opens the wait and says it in the home. The step must be `unknown` already. */
export async function askUnknownEffect(
  deps: Pick<EngineDeps, "ids" | "registry">,
  work: Work,
  run: HeldRun,
  step: ToolStep,
): Promise<void> {
  const contract = deps.registry.get(step.name);
  const waitId = deps.ids.next();
  const startedAt = step.startedAt ?? work.now;
  const retryFrom = new Date(Math.max(startedAt.getTime() + (contract?.timeoutMs ?? 0), work.now.getTime()));
  await openWait(work, {
    id: waitId,
    workspaceId: run.workspaceId,
    runId: run.id,
    step: { turn: step.turn, callIndex: step.callIndex },
    kind: "unknown_effect",
    // Then the card is made anew, with *Try again* on it.
    dueAt: retryFrom,
    detail: { tool: step.name, retryFrom: retryFrom.toISOString() },
  });
  await tellHome(deps, work, run, unknownEffectKey(waitId), {
    kind: "unknownEffectAsked",
    run: refOf(run),
    waitId,
    tool: step.name,
    action: contract?.preview?.(step.input).action ?? step.name,
    startedAt: startedAt.toISOString(),
    retryFrom: retryFrom.toISOString(),
    decision: null,
  });
}
