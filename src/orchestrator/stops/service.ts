/** *Stop everything* and *resume everything*: the admins' switch for a whole workspace. It survives every restart. */
import { appendAudit } from "../audit/store.ts";
import type { Caller } from "../caller.ts";
import { ClawError } from "../errors.ts";
import { leaveOutDue } from "../schedules/left-out.ts";
import { sayMissed } from "../schedules/slot-effects.ts";
import { nextSlots } from "../schedules/slots.ts";
import { changeWorkflow, lockWorkflow, moveWorkflow } from "../workflows/store.ts";
import { heldUp, leftOutBy, lockMeanwhile, markResumed, markStopped, stopOf, stoppedReason } from "./store.ts";

export interface StopView {
  readonly running: number;
  readonly queued: number;
  readonly waiting: number;
  /** Workflows whose times would be left out. */
  readonly active: number;
  /** ISO instant and name; null while everything goes on. */
  readonly stopped: { readonly at: string; readonly by: string } | null;
}

/** What stopping would hold up; changes nothing. @throws ClawError `forbidden` for everybody but admins */
export async function planStop(caller: Caller): Promise<StopView> {
  mustBeAdmin(caller);
  const { work, actor } = caller;
  const stop = await stopOf(work.tx, actor.workspaceId);
  return {
    ...(await heldUp(work.tx, actor.workspaceId)),
    stopped: stop && { at: stop.at.toISOString(), by: stop.by },
  };
}

/**
 * No run goes on, no slot starts one, and what a tool wants to post is not sent, in any process, until it is resumed.
 * @throws ClawError `forbidden`, or `conflict` when it is stopped already
 */
export async function stopEverything(caller: Caller): Promise<StopView> {
  const view = await planStop(caller);
  const { work, actor } = caller;
  if (!(await markStopped(work.tx, actor.workspaceId, { at: work.now, by: actor.name }))) {
    throw new ClawError(
      "conflict",
      `Everything was stopped already, by ${view.stopped?.by ?? "somebody"}. /claw resume everything goes on.`,
    );
  }
  const { running, queued, waiting, active } = view;
  await audit(caller, "workspace.stopped", { running, queued, waiting, active });
  return { ...view, stopped: { at: work.now.toISOString(), by: actor.name } };
}

export interface Resumption {
  readonly stoppedBy: string;
  readonly stoppedAt: string;
  /** Workflows that were to run meanwhile; those times and events are accounted for, a row a workflow. */
  readonly leftOut: number;
}

/** Everything goes on from here: runs where they were, schedules at their next time. @throws ClawError `forbidden`, `conflict` */
export async function resumeEverything(caller: Caller): Promise<Resumption> {
  mustBeAdmin(caller);
  const { deps, work, actor } = caller;
  const { workspaceId } = actor;
  const stop = await stopOf(work.tx, workspaceId);
  if (!stop) throw new ClawError("conflict", "Nothing is stopped: everything goes on.");
  // Workflows before their workspace, as whoever starts runs locks them.
  const due = await lockMeanwhile(work.tx, workspaceId, work.now);
  const why = stoppedReason(stop);
  for (const id of due) {
    const defined = await lockWorkflow(work.tx, workspaceId, { id });
    if (defined?.workflow.status !== "active") continue;
    const { workflow, revision } = defined;
    const slots = await leaveOutDue(deps, work, defined, why);
    // A look at a page that was not made is made up for by the next one.
    if (slots && revision.trigger.kind !== "change") {
      await sayMissed(deps, work, workflow, { ...slots, why, ranLatest: false });
    }
    const next =
      revision.trigger.kind === "schedule"
        ? (nextSlots(revision.trigger.schedule, work.now.getTime(), 1)[0] ?? null)
        : null;
    if (next) {
      await changeWorkflow(work.tx, workflow, { nextSlotAt: next });
      work.wake("slots.due", next.getTime());
    } else await moveWorkflow(work.tx, workflow, "active", "ended", { nextSlotAt: null, at: work.now });
  }
  const events = await leftOutBy(work.tx, workspaceId, stop);
  for (const { workflow, ...missed } of events) {
    await sayMissed(deps, work, { ...workflow, workspaceId }, { ...missed, why, ranLatest: false, events: true });
  }
  const leftOut = due.length + events.length;
  if (!(await markResumed(work.tx, workspaceId))) throw new ClawError("conflict", "Somebody resumed it just now.");
  await audit(caller, "workspace.resumed", {
    stoppedBy: stop.by,
    stoppedAt: stop.at.toISOString(),
    leftOut,
    events: events.reduce((sum, { count }) => sum + count, 0),
  });
  for (const kind of ["slots.due", "runs.due", "checks.due", "deliveries.due"] as const) work.wake(kind);
  return { stoppedBy: stop.by, stoppedAt: stop.at.toISOString(), leftOut };
}

function mustBeAdmin({ actor }: Caller): void {
  if (actor.role !== "admin") {
    throw new ClawError(
      "forbidden",
      "Only an admin can stop or resume everything. /claw pause <workflow> stops one of yours.",
    );
  }
}

const audit = ({ work, actor }: Caller, action: string, detail: Readonly<Record<string, unknown>>): Promise<void> =>
  appendAudit(work.tx, [
    {
      workspaceId: actor.workspaceId,
      at: work.now,
      actor: actor.memberId,
      action,
      subject: { kind: "workspace", id: actor.workspaceId },
      workflowId: null,
      runId: null,
      detail,
    },
  ]);
