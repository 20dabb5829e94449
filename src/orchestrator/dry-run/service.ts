/** *Dry run*: what a draft or a workflow would do now, for who asks, without doing it. */
import { appendAudit } from "../audit/store.ts";
import type { Caller } from "../caller.ts";
import { ClawError } from "../errors.ts";
import { startRuns } from "../runs/start.ts";
import { insertFirings } from "../schedules/firings/store.ts";
import { lockDraft } from "../workflows/drafts.ts";
import { mustCreate } from "../workflows/permissions.ts";
import { lockOwn, type WorkflowKey } from "../workflows/service.ts";
import type { Defined } from "../workflows/store.ts";
import type { DryRunRequest } from "./dry-run.ts";
import { openDryRuns } from "./store.ts";

export interface StartedDryRun {
  readonly runId: string;
  readonly number: number;
  readonly name: string;
  readonly revision: number;
}

/** Of a draft, by its author. @throws ClawError when the draft is over, or `conflict` while one is under way */
export async function dryRunDraft(caller: Caller, workflowId: string): Promise<StartedDryRun> {
  return start(caller, await lockDraft(caller, workflowId));
}

/**
 * Of a workflow, paused ones included. The same inbound event twice is one dry run.
 * @throws ClawError `unknown_subject`, `forbidden`, or `conflict` while one is under way
 */
export async function dryRunWorkflow(caller: Caller, which: WorkflowKey): Promise<StartedDryRun> {
  mustCreate(caller.actor);
  return start(caller, await lockOwn(caller, which));
}

/** Its workflow is locked, so two that are asked for at once come one after the other. */
async function start(caller: Caller, { workflow, revision }: Defined): Promise<StartedDryRun> {
  const { deps, work, actor, event } = caller;
  const [open] = await openDryRuns(work.tx, workflow);
  if (open) {
    throw new ClawError(
      "conflict",
      `A dry run of ${workflow.name} is under way already, as run ${open.number}. /claw cancel ${open.number} ends it.`,
    );
  }
  const { channelId, threadId } = event;
  const payload: DryRunRequest = { asked: event.key, channelId, threadId, memberId: actor.memberId };
  const firingId = deps.ids.next();
  await insertFirings(work.tx, [
    {
      id: firingId,
      workspaceId: actor.workspaceId,
      workflowId: workflow.id,
      kind: "dry_run",
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
    { workspaceId: actor.workspaceId, firingId, revision, by: actor.memberId, dry: true },
  ]);
  if (!run) throw new ClawError("bug", "a dry run was not started");
  await appendAudit(work.tx, [
    {
      workspaceId: actor.workspaceId,
      at: work.now,
      actor: actor.memberId,
      action: "run.dry_run_asked",
      subject: { kind: "run", id: run.runId },
      workflowId: workflow.id,
      runId: run.runId,
      detail: { number: run.number, revision: revision.number },
    },
  ]);
  return { ...run, name: workflow.name, revision: revision.number };
}
