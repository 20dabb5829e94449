/** What people do with their workflows. Each use case is part of the work that handles its event. */

import { wantedTools } from "../../tools/index.ts";
import { voidApprovals } from "../approvals/service.ts";
import { appendAudit } from "../audit/store.ts";
import type { Caller } from "../caller.ts";
import { revise } from "../delivery/store.ts";
import { endDryRuns } from "../dry-run/end.ts";
import { ClawError } from "../errors.ts";
import { canonicalHash } from "../ids.ts";
import { tellOver, tellResumed } from "../incidents/telling.ts";
import { setMemberTimezone } from "../members/store.ts";
import { removeAllOf } from "../memory/store.ts";
import { cancelRun } from "../runs/ending.ts";
import type { StartedRun } from "../runs/start.ts";
import { lockRun, requestCancel } from "../runs/store.ts";
import { decideAllUndecided, leftOutFiring, openRunsOf } from "../schedules/firings/store.ts";
import { leaveOutDue, leaveOutPaused } from "../schedules/left-out.ts";
import { nextSlots } from "../schedules/slots.ts";
import { countedPause, endRoute, moveRoute } from "../triggers/change.ts";
import { settleTrigger } from "../triggers/settle.ts";
import { scheduleOf } from "../triggers/trigger.ts";
import { auditWorkflow, startForPerson } from "./asked.ts";
import { splitBroadcast } from "./broadcast.ts";
import { realNext } from "./draft-view.ts";
import type { Wanted } from "./drafts.ts";
import { isWorkflowName } from "./name.ts";
import { pause, pausedKey } from "./outcome.ts";
import { mustChange, mustCreate } from "./permissions.ts";
import { revisionDiff, toolsDiff } from "./revision-diff.ts";
import { addRevision, changeWorkflow, type Defined, lockWorkflow, moveWorkflow, namesLike } from "./store.ts";
import type { Revision } from "./workflow.ts";

/** The workflow a person named, locked. @throws ClawError `unknown_subject` or `forbidden` */
export async function lockOwn(caller: Caller, which: WorkflowKey): Promise<Defined> {
  const defined = await lockWorkflow(caller.work.tx, caller.actor.workspaceId, which);
  if (!defined || defined.workflow.status === "draft") throw unknownWorkflow("name" in which ? which.name : null);
  mustChange(caller.actor, defined.workflow.ownerId, defined.workflow.name);
  return defined;
}

/** By the name people type, or by the id a button carries. */
export type WorkflowKey = { readonly name: string } | { readonly id: string };

export const unknownWorkflow = (name: string | null): ClawError =>
  new ClawError(
    "unknown_subject",
    `There is no ${name === null ? "such workflow any more" : `workflow "${name}"`}. /claw list shows them all.`,
  );

/** *Run now*: the same rules as a slot. @throws ClawError `conflict` while a run is open */
export async function runNow(caller: Caller, which: WorkflowKey, payload: unknown = null): Promise<StartedRun> {
  const { work, actor } = caller;
  mustCreate(actor);
  const { workflow, revision } = await lockOwn(caller, which);
  const open = (await openRunsOf(work.tx, [workflow.id])).get(workflow.id)?.[0];
  if (open && revision.policies.overlap !== "allow") {
    throw new ClawError(
      "conflict",
      `Run ${open.number} of ${workflow.name} is still ${open.status}. /claw cancel ${open.number} ends it.`,
    );
  }
  return startForPerson(caller, revision, payload);
}

/**
 * *Run now* for an event that was left out: the run is told of it, as it would have been then.
 * @throws ClawError `unknown_subject` when it is not kept any more, `conflict` while a run is open
 */
export async function runLeftOut(caller: Caller, firingId: string): Promise<StartedRun> {
  const left = await leftOutFiring(caller.work.tx, { workspaceId: caller.actor.workspaceId, id: firingId });
  if (!left)
    throw new ClawError("unknown_subject", "What was left out is not kept any more. /claw run <workflow> runs.");
  return runNow(caller, { id: left.workflowId }, left.payload);
}

/** @returns its name. @throws ClawError `conflict` when it is not active */
export async function pauseWorkflow(caller: Caller, which: WorkflowKey, note: string | null): Promise<string> {
  const defined = await lockOwn(caller, which);
  const { memberId, name } = caller.actor;
  if (!(await pause(caller.deps, caller.work, defined, { memberId, name }, note))) {
    throw new ClawError(
      "conflict",
      `${defined.workflow.name} is ${defined.workflow.status}, so there is nothing to pause.`,
    );
  }
  return defined.workflow.name;
}

export interface Resumed {
  readonly name: string;
  readonly nextAt: string | null;
  /** How many slots, or events, fell into the pause. */
  readonly leftOut: number;
  /** It has no times: it waits for something to happen. */
  readonly waits?: true;
}

/** Goes on at the next future slot: an ISO instant, or null when there is none any more. */
export async function resumeWorkflow(caller: Caller, which: WorkflowKey): Promise<Resumed> {
  const { deps, work, actor } = caller;
  const defined = await lockOwn(caller, which);
  const { workflow, revision } = defined;
  if (workflow.status !== "paused")
    throw new ClawError("conflict", `${workflow.name} is ${workflow.status}, not paused.`);
  const schedule = scheduleOf(revision.trigger);
  const nextAt = schedule ? (nextSlots(schedule, work.now.getTime(), 1)[0] ?? null) : null;
  const leftOut = schedule ? await leaveOutPaused(deps, work, defined) : await countedPause(work, workflow);
  await moveWorkflow(work.tx, workflow, "paused", "active", {
    nextSlotAt: nextAt,
    pausedSlotAt: null,
    pausedAt: null,
    pausedBy: null,
    pausedNote: null,
    failuresInARow: 0,
    // The times that were meant have passed.
    skipNext: 0,
    at: work.now,
  });
  if (nextAt) work.wake("slots.due", nextAt.getTime());
  else if (schedule) await moveWorkflow(work.tx, workflow, "active", "ended", { at: work.now });
  const resumed = { nextAt: nextAt?.toISOString() ?? null, leftOut };
  await auditWorkflow(caller, "workflow.resumed", workflow.id, resumed);
  await tellResumed(work, defined);
  if (workflow.paused) {
    const at = work.now.toISOString();
    await revise(work, workflow.workspaceId, pausedKey(workflow.id, workflow.paused.at), (notice) =>
      notice.kind === "workflowPaused" ? { ...notice, resumed: { by: actor.name, at, ...resumed } } : null,
    );
  }
  return {
    name: workflow.name,
    nextAt: realNext(caller, nextAt, revision),
    leftOut,
    ...(schedule ? {} : { waits: true }),
  };
}

export interface Edited {
  readonly revision: number;
  /** Diff lines of what changed. */
  readonly diff: readonly string[];
  readonly nextAt: string | null;
}

/** Adds a revision. Runs that are open keep theirs; a changed instruction voids their approvals. */
export async function editWorkflow(
  caller: Caller,
  which: WorkflowKey,
  wanted: Partial<Wanted & Pick<Revision, "policies">>,
): Promise<Edited> {
  const { deps, work, actor } = caller;
  const defined = await lockOwn(caller, which);
  const { workflow, revision: before } = defined;
  // What stays as it is need not be settled again.
  const isOther = wanted.trigger !== undefined && canonicalHash(wanted.trigger) !== canonicalHash(before.trigger);
  const trigger =
    wanted.trigger && isOther
      ? await settleTrigger(caller, wanted.trigger, { workflowId: workflow.id, was: before.trigger })
      : before.trigger;
  const said = wanted.instruction === undefined ? null : splitBroadcast(wanted.instruction);
  const revision: Revision = {
    ...before,
    ...wanted,
    trigger,
    ...(said && {
      instruction: said.instruction,
      // Another instruction may speak of other tools.
      ...(said.instruction !== before.instruction && { tools: wantedTools(said.instruction, deps.registry.list()) }),
      destination: { ...before.destination, broadcast: said.broadcast },
    }),
    number: before.number + 1,
    authorId: actor.memberId,
    createdAt: work.now,
  };
  const diff = [...revisionDiff(before, revision), ...toolsDiff(before.tools, revision.tools)];
  if (diff.length === 0) throw new ClawError("conflict", `${workflow.name} is just that already.`);
  // A slot that has come and is not claimed yet stays due, unless it is the schedule that was changed.
  const rescheduled = canonicalHash(before.trigger) !== canonicalHash(trigger);
  const schedule = scheduleOf(trigger);
  const isOtherPage =
    trigger.kind === "change" && !(before.trigger.kind === "change" && before.trigger.url === trigger.url);
  const nextAt = rescheduled
    ? isOtherPage
      ? work.now
      : schedule
        ? (nextSlots(schedule, work.now.getTime(), 1)[0] ?? null)
        : null
    : workflow.nextSlotAt;
  if (rescheduled && schedule && !nextAt) {
    throw new ClawError("invalid_input", "Its only time has passed. Send it again with a later one.");
  }
  await addRevision(work.tx, actor.workspaceId, revision);
  if (rescheduled) {
    if (workflow.status === "ended") {
      await moveWorkflow(work.tx, workflow, "ended", "active", { nextSlotAt: nextAt, at: work.now });
    } else if (workflow.status === "active") {
      await leaveOutDue(deps, work, defined, "its schedule was changed before it began");
      await changeWorkflow(work.tx, workflow, { nextSlotAt: nextAt, skipNext: 0 });
    } else if (workflow.status === "paused") {
      // What falls into the pause from now on are slots of the new schedule.
      await leaveOutPaused(deps, work, defined);
      await changeWorkflow(work.tx, workflow, { pausedSlotAt: nextAt });
    }
    if (nextAt) work.wake("slots.due", nextAt.getTime());
    await moveRoute(caller, workflow, before.trigger, trigger);
  }
  if (before.instruction !== revision.instruction) {
    await voidApprovals(caller, workflow.id, "The workflow's instruction was changed.");
  }
  await auditWorkflow(caller, "workflow.edited", workflow.id, { revision: revision.number, diff });
  const skips = rescheduled ? 0 : workflow.skipNext;
  return { revision: revision.number, diff, nextAt: realNext(caller, nextAt, revision, skips) };
}

/** @throws ClawError `name_taken` or `invalid_input` */
export async function renameWorkflow(caller: Caller, which: WorkflowKey, to: string): Promise<void> {
  const { work, actor } = caller;
  const { workflow } = await lockOwn(caller, which);
  if (!isWorkflowName(to)) {
    throw new ClawError(
      "invalid_input",
      `A name is made of lower-case letters, digits and single dashes, like "${workflow.name}".`,
    );
  }
  if ((await namesLike(work.tx, actor.workspaceId, to)).has(to))
    throw new ClawError("name_taken", `There is a workflow "${to}" already.`);
  await changeWorkflow(work.tx, workflow, { name: to });
  await auditWorkflow(caller, "workflow.renamed", workflow.id, { from: workflow.name, to });
}

/** What deleting would end. */
export interface DeletePlan {
  readonly workflowId: string;
  readonly name: string;
  /** Runs under way, queued or waiting, by number. */
  readonly open: readonly number[];
}

/** Changes nothing. @throws ClawError as {@link deleteWorkflow} */
export async function planDelete(caller: Caller, which: WorkflowKey): Promise<DeletePlan> {
  const { workflow } = await lockOwn(caller, which);
  const open = (await openRunsOf(caller.work.tx, [workflow.id])).get(workflow.id) ?? [];
  return { workflowId: workflow.id, name: workflow.name, open: open.map(({ number }) => number) };
}

/** Ends it for good; what it did stays in the record. @returns its name */
export async function deleteWorkflow(caller: Caller, which: WorkflowKey): Promise<string> {
  const { deps, work, actor } = caller;
  const defined = await lockOwn(caller, which);
  const { workflow } = defined;
  await leaveOutPaused(deps, work, defined);
  await leaveOutDue(deps, work, defined, "deleted");
  await moveWorkflow(work.tx, workflow, workflow.status, "deleted", { nextSlotAt: null, at: work.now });
  await decideAllUndecided(work.tx, workflow, "deleted");
  await tellOver(work, defined, { kind: "closed" });
  await endRoute(deps, work, workflow);
  for (const open of (await openRunsOf(work.tx, [workflow.id])).get(workflow.id) ?? []) {
    const run = await lockRun(work, actor.workspaceId, { id: open.runId });
    if (run?.status === "running") await requestCancel(work.tx, run, actor.name);
    else if (run?.status === "waiting" || run?.status === "queued")
      await cancelRun(deps, work, run, actor.name, run.status);
  }
  await endDryRuns(caller, workflow);
  const forgotten = await removeAllOf(work.tx, workflow);
  await auditWorkflow(caller, "workflow.deleted", workflow.id, {
    name: workflow.name,
    ...(forgotten > 0 && { forgotten }),
  });
  return workflow.name;
}

/** The caller's own zone: how their phrases are read from now on. */
export async function setZone(caller: Caller, zone: string): Promise<void> {
  const { work, actor } = caller;
  await setMemberTimezone(work.tx, actor.workspaceId, actor.memberId, zone);
  await appendAudit(work.tx, [
    {
      workspaceId: actor.workspaceId,
      at: work.now,
      actor: actor.memberId,
      action: "member.timezone_set",
      subject: { kind: "member", id: actor.memberId },
      workflowId: null,
      runId: null,
      detail: { zone },
    },
  ]);
}
