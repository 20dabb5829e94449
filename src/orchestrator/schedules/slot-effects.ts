/** What claiming slots means beside the new run: what it overtakes, a schedule that is over, slots that were missed. */
import { appendAudit } from "../audit/store.ts";
import type { Work } from "../db/work.ts";
import { announce } from "../delivery/store.ts";
import { cancelRun, type EndingDeps, failRun } from "../runs/ending.ts";
import type { EngineDeps } from "../runs/engine-deps.ts";
import { lockRun, requestCancel } from "../runs/store.ts";
import { type Defined, moveWorkflow } from "../workflows/store.ts";
import { collapseWaiting } from "./firings/store.ts";
import type { SlotPlan } from "./service.ts";

/** What a new reason to run overtakes. */
export interface Room extends Pick<SlotPlan, "defined" | "supersede" | "cancel"> {
  readonly starts: readonly unknown[];
  readonly firings: readonly Pick<SlotPlan["firings"][number], "outcome" | "plannedAt">[];
}

/** Ends what the new slot overtakes. */
export async function makeRoom(deps: EndingDeps, work: Work, plan: Room): Promise<void> {
  for (const { runId } of plan.supersede) {
    const run = await lockRun(work, plan.defined.workflow.workspaceId, { id: runId });
    if (run?.status !== "waiting") continue;
    const failure = { code: "superseded", message: "The next slot came before it could be retried." } as const;
    await failRun(deps, work, run, failure, "waiting");
  }
  const [stays] = plan.starts.length === 0 && plan.cancel.length > 0 ? plan.firings.filter((one) => !one.outcome) : [];
  if (stays) await collapseWaiting(work.tx, plan.defined.workflow, stays.plannedAt);
  for (const { runId } of plan.cancel) {
    const run = await lockRun(work, plan.defined.workflow.workspaceId, { id: runId });
    if (!run) continue;
    if (run.status === "running") await requestCancel(work.tx, run, "its next slot");
    else if (run.status === "waiting" || run.status === "queued")
      await cancelRun(deps, work, run, "its next slot", run.status);
  }
}

/** Its schedule has no further slot. */
export async function endWorkflow(work: Work, { workflow }: Defined): Promise<void> {
  await moveWorkflow(work.tx, workflow, "active", "ended", { nextSlotAt: null, at: work.now });
  await appendAudit(work.tx, [
    {
      workspaceId: workflow.workspaceId,
      at: work.now,
      actor: "claw",
      action: "workflow.ended",
      subject: { kind: "workflow", id: workflow.id },
      workflowId: workflow.id,
      runId: null,
      detail: { why: "its schedule has no further slot" },
    },
  ]);
}

/** What was not run, in the workflow's home, with *Run now*. */
export async function tellMissed(deps: EngineDeps, work: Work, plan: SlotPlan): Promise<void> {
  const { missed, defined } = plan;
  // A look at a page that was not made is made up for by the next one.
  if (!missed || defined.revision.trigger.kind === "change") return;
  const { workflow } = defined;
  const ranLatest = plan.starts.length > 0;
  await sayMissed(deps, work, workflow, {
    firingId: missed.id,
    count: missed.count,
    first: plan.first ?? missed.plannedAt,
    last: missed.plannedAt,
    why: missed.reason ?? "",
    ranLatest,
  });
}

/** What a workflow did not run for. */
export interface Missed {
  /** Of the last. */
  readonly firingId: string;
  readonly count: number;
  readonly first: Date;
  readonly last: Date;
  readonly why: string;
  readonly ranLatest: boolean;
  /** No slots, but what it waited for. */
  readonly events?: true;
}

/** In its home, once for a firing. */
export async function sayMissed(
  deps: Pick<EngineDeps, "ids">,
  work: Work,
  workflow: { readonly workspaceId: string; readonly id: string; readonly name: string; readonly channelId: string },
  { first, last, ...missed }: Missed,
): Promise<void> {
  await announce(work, {
    id: deps.ids.next(),
    workspaceId: workflow.workspaceId,
    key: `missed:${missed.firingId}`,
    channelId: workflow.channelId,
    place: { kind: "home" },
    workflowId: workflow.id,
    runId: null,
    privateTo: null,
    notice: {
      kind: "slotsMissed",
      workflow: { workflowId: workflow.id, name: workflow.name },
      ...missed,
      first: first.toISOString(),
      last: last.toISOString(),
    },
  });
}
