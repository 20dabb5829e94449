/** The end of one workflow's run starts others that wait for it, in the work that ends it. */
import type { Work } from "../db/work.ts";
import type { EndingDeps } from "../runs/ending.ts";
import type { HeldRun } from "../runs/store.ts";
import { lockWorkflow } from "../workflows/store.ts";
import { fire } from "./fire.ts";
import { endedRun, watchersOf } from "./store.ts";
import type { OUTCOMES } from "./trigger.ts";

type Outcome = (typeof OUTCOMES)[number];
/** How a run ended, as its workflow hears of it. */
export type Ended = "succeeded" | "failed" | "superseded" | "dead" | "cancelled";

/** What the end of a run is called; `superseded` and `cancelled` are neither: somebody, or the next slot, wanted it so. */
function outcomesOf(how: Ended, isSaid: boolean): readonly Outcome[] {
  switch (how) {
    case "succeeded":
      return isSaid ? ["succeeds", "reports"] : ["succeeds"];
    case "failed":
    case "dead":
      return ["fails"];
    case "superseded":
    case "cancelled":
      return [];
  }
}

/** What a run is told that another one's end has started. */
export interface OutcomePayload {
  readonly kind: "outcome";
  readonly workflow: string;
  readonly run: number;
  readonly outcome: "succeeded" | "failed";
  /** The report, or why it failed; null: it had nothing to say. */
  readonly text: string | null;
  /** The other run had read text that outsiders can write: so has whoever reads this. */
  readonly tainted: boolean;
}

/** @param quiet it succeeded and had nothing to say */
export async function tellWatchers(
  deps: EndingDeps,
  work: Work,
  run: HeldRun,
  how: Ended,
  quiet: boolean,
): Promise<void> {
  const outcomes = outcomesOf(how, !quiet);
  if (outcomes.length === 0) return;
  const watchers = await watchersOf(work.tx, { workspaceId: run.workspaceId, id: run.workflowId });
  if (watchers.length === 0) return;
  const ended = await endedRun(work.tx, run);
  for (const id of watchers) {
    const defined = await lockWorkflow(work.tx, run.workspaceId, { id });
    const trigger = defined?.revision.trigger;
    if (!defined || trigger?.kind !== "outcome" || trigger.workflowId !== run.workflowId) continue;
    if (!outcomes.includes(trigger.on)) continue;
    const payload: OutcomePayload = {
      kind: "outcome",
      workflow: ended.name,
      run: run.number,
      outcome: how === "succeeded" ? "succeeded" : "failed",
      text: how === "succeeded" ? (ended.verdict?.text ?? null) : (ended.failure?.message ?? null),
      tainted: ended.tainted,
    };
    await fire(deps, work, defined, { kind: "outcome", key: `${run.id}:${trigger.on}`, at: work.now, payload });
  }
}
