/** What a run's end means for its workflow: failures in a row, and the firing that waited for it. */
import { appendAudit } from "../audit/store.ts";
import type { Work } from "../db/work.ts";
import { announce, findDelivery } from "../delivery/store.ts";
import type { Notice } from "../events.ts";
import { failureKey } from "../incidents/incident.ts";
import { incidentOfRun, notePaused } from "../incidents/store.ts";
import { tellChanged, tellOver } from "../incidents/telling.ts";
import type { EndingDeps } from "../runs/ending.ts";
import type { EngineDeps } from "../runs/engine-deps.ts";
import type { HeldRun } from "../runs/store.ts";
import { decideAllUndecided, nextUndecided, openRunsOf } from "../schedules/firings/store.ts";
import { heardAfter } from "../schedules/heartbeat/heartbeat.ts";
import { letGo } from "../triggers/fire.ts";
import { tellWatchers } from "../triggers/outcome.ts";
import { changeWorkflow, type Defined, lockWorkflow, moveWorkflow } from "./store.ts";

/** Called once, in the work that ends the run. */
export async function noteRunEnded(
  deps: EndingDeps,
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
  if (how === "succeeded") await tellOver(work, defined, { kind: "recovered", run: run.number });
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
    await pauseForFailures(deps, work, run, defined, failures);
    await tellWatchers(deps, work, run, how, quiet);
    return;
  }
  await tellWatchers(deps, work, run, how, quiet);
  const open = (await openRunsOf(work.tx, [run.workflowId])).get(run.workflowId) ?? [];
  if (open.length > 0 && defined.revision.policies.overlap !== "allow") return;
  const next = await nextUndecided(work.tx, defined.workflow);
  if (next) await letGo(deps, work, defined, next);
}

/** One alert, which belongs to the incident: of a failure that is told now for the first time, its own card is the alert. */
async function pauseForFailures(
  deps: Pick<EngineDeps, "ids">,
  work: Work,
  run: HeldRun,
  defined: Defined,
  failures: number,
): Promise<void> {
  const incident = await incidentOfRun(work.tx, run);
  const posted = incident && (await findDelivery(work.tx, run.workspaceId, failureKey(incident.firstRunId)));
  const told = incident?.count === 1 && posted?.messageId === null;
  const why = incident && {
    count: incident.count,
    since: incident.startedAt.toISOString(),
    message: incident.failure.message,
  };
  const note = failures === 1 ? "a run failed" : `${failures} runs in a row failed`;
  if (!(await pause(deps, work, defined, "claw", note, told ? "told" : why)) || !incident) return;
  await notePaused(work.tx, incident, work.now);
  await tellChanged(work, { ...incident, pausedAt: work.now });
}

/** The message that says so; the end of the pause edits it. */
export const pausedKey = (workflowId: string, pausedAt: Date): string =>
  `paused:${workflowId}:${pausedAt.toISOString()}`;

/**
 * Pauses an active workflow and says so in its home; what was queued for it is skipped.
 * @param failures what it was paused for; `told` when the card of the failure says that it is paused
 */
export async function pause(
  deps: Pick<EngineDeps, "ids">,
  work: Work,
  { workflow }: Pick<Defined, "workflow">,
  by: { readonly memberId: string; readonly name: string } | "claw",
  note: string | null,
  failures: Extract<Notice, { kind: "workflowPaused" }>["failures"] | "told" | null = null,
): Promise<boolean> {
  const actor = by === "claw" ? "claw" : by.memberId;
  const name = by === "claw" ? "Claw" : by.name;
  const change = {
    nextSlotAt: null,
    pausedSlotAt: workflow.nextSlotAt,
    pausedBy: name,
    pausedNote: note,
    pausedAt: work.now,
    at: work.now,
  };
  if (!(await moveWorkflow(work.tx, workflow, "active", "paused", change))) return false;
  await decideAllUndecided(work.tx, workflow, "paused");
  if (failures !== "told") {
    await announce(work, {
      id: deps.ids.next(),
      workspaceId: workflow.workspaceId,
      key: pausedKey(workflow.id, work.now),
      channelId: workflow.channelId,
      place: { kind: "home" },
      workflowId: workflow.id,
      runId: null,
      privateTo: null,
      notice: {
        kind: "workflowPaused",
        workflow: { workflowId: workflow.id, name: workflow.name },
        by: name,
        note,
        ...(failures ? { failures } : {}),
      },
    });
  }
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
