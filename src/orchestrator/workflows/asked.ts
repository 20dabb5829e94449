/** What a person's use cases share: starting a run because they asked, and the record of what they changed. */
import { appendAudit } from "../audit/store.ts";
import type { Caller } from "../caller.ts";
import { ClawError } from "../errors.ts";
import { type RunStart, type StartedRun, startRuns } from "../runs/start.ts";
import type { FiringKind } from "../schedules/firing.ts";
import { insertFirings } from "../schedules/firings/store.ts";
import { stopOf } from "../stops/store.ts";
import type { Revision } from "./workflow.ts";

/**
 * One run, because the caller asked for it now.
 * @param payload what the run is told of; null: nothing
 * @throws ClawError `conflict` while everything is stopped
 */
export async function startForPerson(caller: Caller, revision: Revision, payload: unknown = null): Promise<StartedRun> {
  const stop = await stopOf(caller.work.tx, caller.actor.workspaceId);
  if (stop) {
    throw new ClawError("conflict", `Everything was stopped by ${stop.by}. An admin goes on: /claw resume everything.`);
  }
  return await startAsked(caller, { kind: "person", revision, payload });
}

/** What a person can ask for that is a run. */
export interface Asked extends Pick<RunStart, "revision" | "replayOf" | "dry"> {
  readonly kind: Extract<FiringKind, "person" | "dry_run" | "replay">;
  /** Kept with its firing. */
  readonly payload: unknown;
}

/** A firing and its run; the key of the caller's event makes asking twice one firing. */
export async function startAsked(caller: Caller, { kind, payload, ...start }: Asked): Promise<StartedRun> {
  const { deps, work, actor, event } = caller;
  const firingId = deps.ids.next();
  await insertFirings(work.tx, [
    {
      id: firingId,
      workspaceId: actor.workspaceId,
      workflowId: start.revision.workflowId,
      kind,
      key: event.key,
      plannedAt: work.now,
      outcome: "ran",
      reason: null,
      count: 1,
      payload,
      createdAt: work.now,
    },
  ]);
  const [run] = await startRuns(deps, work, [
    { workspaceId: actor.workspaceId, firingId, by: actor.memberId, ...start },
  ]);
  if (!run) throw new ClawError("bug", "a run was not started");
  return run;
}

/** Records what the caller changed about a workflow, in the same work. */
export async function auditWorkflow(
  caller: Caller,
  action: string,
  workflowId: string,
  detail: Record<string, unknown>,
): Promise<void> {
  await appendAudit(caller.work.tx, [
    {
      workspaceId: caller.actor.workspaceId,
      at: caller.work.now,
      actor: caller.actor.memberId,
      action,
      subject: { kind: "workflow", id: workflowId },
      workflowId,
      runId: null,
      detail,
    },
  ]);
}
