/** *Dry run*: what a draft or a workflow would do now, for who asks, without doing it. */
import { appendAudit } from "../audit/store.ts";
import type { Caller } from "../caller.ts";
import { ClawError } from "../errors.ts";
import { startAsked } from "../workflows/asked.ts";
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
  const { work, actor, event } = caller;
  const [open] = await openDryRuns(work.tx, workflow);
  if (open) {
    throw new ClawError(
      "conflict",
      `A dry run of ${workflow.name} is under way already, as run ${open.number}. /claw cancel ${open.number} ends it.`,
    );
  }
  const { channelId, threadId } = event;
  const payload: DryRunRequest = { asked: event.key, channelId, threadId, memberId: actor.memberId };
  const run = await startAsked(caller, { kind: "dry_run", revision, payload, dry: true });
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
