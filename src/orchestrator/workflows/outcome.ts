/** What a run's end means for its workflow: failures in a row, and the firing that waited for it. */
import { appendAudit } from "../audit/store.ts";
import type { Work } from "../db/work.ts";
import { announce } from "../delivery/store.ts";
import type { EngineDeps } from "../runs/engine-deps.ts";
import { type StartDeps, startRuns } from "../runs/start.ts";
import type { HeldRun } from "../runs/store.ts";
import { decideAllUndecided, decideFiring, nextUndecided, openRunsOf } from "../schedules/firings/store.ts";
import { heardAfter } from "../schedules/heartbeat/heartbeat.ts";
import { accountForOverdue } from "../schedules/overdue.ts";
import { changeWorkflow, type Defined, lockWorkflow, moveWorkflow } from "./store.ts";

type OutcomeDeps = Pick<EngineDeps, "ids"> & StartDeps;

/** Called once, in the work that ends the run. */
export async function noteRunEnded(
  deps: OutcomeDeps,
  work: Work,
  run: HeldRun,
  how: "succeeded" | "failed" | "superseded" | "dead" | "cancelled",
  /** It succeeded and had nothing to say. */
  quiet = false,
): Promise<void> {
  const defined = await lockWorkflow(work.tx, run.workspaceId, { id: run.workflowId });
  if (!defined) return;
  const heard = heardAfter(defined.workflow, work.now, quiet);
  if (heard) await changeWorkflow(work.tx, defined.workflow, heard);
  const failures =
    how === "succeeded"
      ? 0
      : how === "cancelled" || how === "superseded"
        ? defined.workflow.failuresInARow
        : defined.workflow.failuresInARow + 1;
  if (failures !== defined.workflow.failuresInARow)
    await changeWorkflow(work.tx, defined.workflow, { failuresInARow: failures });
  if (
    how !== "succeeded" &&
    failures >= defined.revision.policies.pauseAfterFailures &&
    defined.workflow.status === "active"
  ) {
    await accountForOverdue(deps, work, defined, "paused");
    await pause(deps, work, defined, "claw", `${failures} runs in a row failed`);
    return;
  }
  const open = (await openRunsOf(work.tx, [run.workflowId])).get(run.workflowId) ?? [];
  if (open.length > 0 && defined.revision.policies.overlap !== "allow") return;
  const next = await nextUndecided(work.tx, defined.workflow);
  if (next && (await decideFiring(work.tx, { workspaceId: run.workspaceId, id: next.id }, "ran", null))) {
    await startRuns(deps, work, [
      { workspaceId: run.workspaceId, firingId: next.id, revision: defined.revision, by: "claw" },
    ]);
  }
}

/** Pauses an active workflow and says so in its home; what was queued for it is skipped. */
export async function pause(
  deps: Pick<EngineDeps, "ids">,
  work: Work,
  { workflow }: Defined,
  by: { readonly memberId: string; readonly name: string } | "claw",
  note: string | null,
): Promise<boolean> {
  const actor = by === "claw" ? "claw" : by.memberId;
  const name = by === "claw" ? "Claw" : by.name;
  const change = { nextSlotAt: null, pausedBy: name, pausedNote: note, pausedAt: work.now, at: work.now };
  if (!(await moveWorkflow(work.tx, workflow, "active", "paused", change))) return false;
  await decideAllUndecided(work.tx, workflow, "paused");
  await announce(work, {
    id: deps.ids.next(),
    workspaceId: workflow.workspaceId,
    key: `paused:${workflow.id}:${work.now.toISOString()}`,
    channelId: workflow.channelId,
    place: { kind: "home" },
    workflowId: workflow.id,
    runId: null,
    privateTo: null,
    notice: { kind: "workflowPaused", workflow: { workflowId: workflow.id, name: workflow.name }, by: name, note },
  });
  await appendAudit(work.tx, [
    {
      workspaceId: workflow.workspaceId,
      at: work.now,
      actor,
      action: "workflow.paused",
      subject: { kind: "workflow", id: workflow.id },
      workflowId: workflow.id,
      runId: null,
      detail: { note },
    },
  ]);
  return true;
}
