/** Claims the slots that have come: in one transaction every slot is accounted for, runs are queued, the next slot is set. */
import { type CostInSlots, tellCostInSlots } from "../approvals/cost-in-slots.ts";
import { inWork, isPassing, type Work, type WorkDeps } from "../db/work.ts";
import { assertNever } from "../errors.ts";
import { workspaceZones } from "../members/store.ts";
import type { EngineDeps } from "../runs/engine-deps.ts";
import { type RunStart, startRuns } from "../runs/start.ts";
import { beginCheck } from "../triggers/fire.ts";
import { firingKindOf, gateOf, scheduleOf } from "../triggers/trigger.ts";
import { pause } from "../workflows/outcome.ts";
import { changeWorkflow, type Defined, lockDue, setNextSlots, soonestSlot } from "../workflows/store.ts";
import { catchUpWindowMs, decideSlots, ON_TIME_MS, reachMs } from "./catch-up.ts";
import { type ClosedTimes, closedReason, sift } from "./closed-times.ts";
import { slotsCome } from "./come.ts";
import type { FiringOutcome } from "./firing.ts";
import { insertFirings, type NewFiring, openRunsOf, undecidedCounts } from "./firings/store.ts";
import { decideOverlap, type OpenRun } from "./overlap.ts";
import { endWorkflow, makeRoom, tellMissed } from "./slot-effects.ts";
import { nextSlots, periodMs } from "./slots.ts";

/** Workflows claimed in one transaction: their runs may begin when it commits, and the event loop turns meanwhile. */
const BATCH = 250;
/** What somebody else has locked is looked at again so soon; milliseconds. */
const AGAIN_MS = 250;

export interface SlotDeps extends EngineDeps {
  /** Null: no time is closed. */
  readonly closedTimes: ClosedTimes | null;
}

/**
 * Claims everything due; returns when nothing is. A second caller takes what the first has not locked.
 * @returns how many workflows had a slot
 */
export async function claimDueSlots(deps: SlotDeps): Promise<number> {
  /** What cannot be claimed, though everything else can; the sweep comes back to it. */
  const failed: string[] = [];
  let claimed = 0;
  while (true) {
    const batch = await claimTogether(deps, failed);
    claimed += batch;
    if (batch < BATCH) break;
  }
  const next = await soonestSlot(deps.db, failed);
  // Due, and not claimed: a worker claims it now, or somebody is changing the workflow.
  if (next) await deps.alarms.set("slots.due", Math.max(next.getTime(), deps.clock.now() + AGAIN_MS));
  return claimed;
}

/**
 * Asks for a look at the soonest slot: one alarm is enough however many workflows there are, since whoever takes it asks
 * for the next. Again is harmless, and the sweep does it, so that an alarm that was lost is set anew.
 */
export async function setSlotAlarm({ db, alarms }: WorkDeps): Promise<void> {
  const next = await soonestSlot(db, []);
  if (next) await alarms.set("slots.due", next.getTime());
}

/** A batch that fails is claimed one by one, so that one workflow that cannot be claimed holds up no other. */
async function claimTogether(deps: SlotDeps, failed: string[]): Promise<number> {
  const seen: string[] = [];
  try {
    return await inWork(deps, async (work) => {
      const due = await lockDue(work.tx, work.now, { except: failed, limit: BATCH });
      seen.splice(0, seen.length, ...due.map(({ workflow }) => workflow.id));
      return claimBatch(deps, work, due);
    });
  } catch (error) {
    if (isPassing(error) || seen.length === 0) throw error;
    deps.log.warn({ workflows: seen.length, err: error }, "slots not claimed together; one by one");
  }
  for (const id of seen) {
    try {
      await inWork(deps, async (work) =>
        claimBatch(deps, work, await lockDue(work.tx, work.now, { only: id, limit: 1 })),
      );
    } catch (error) {
      if (isPassing(error)) throw error;
      deps.log.error({ workflowId: id, err: error }, "slot not claimed");
      failed.push(id);
    }
  }
  return seen.length;
}

async function claimBatch(deps: SlotDeps, work: Work, due: readonly Defined[]): Promise<number> {
  if (due.length === 0) return 0;
  const ids = due.map(({ workflow }) => workflow.id);
  const workspaces = deps.closedTimes ? [...new Set(due.map(({ workflow }) => workflow.workspaceId))] : [];
  // Statements of their own: they see what was committed before the workflows were locked.
  const [open, undecided, zones] = await Promise.all([
    openRunsOf(work.tx, ids),
    undecidedCounts(work.tx, ids),
    workspaces.length > 0 ? workspaceZones(work.tx, workspaces) : new Map<string, string>(),
  ]);
  const plans: SlotPlan[] = [];
  for (const defined of due) {
    const { id } = defined.workflow;
    try {
      const zone = zones.get(defined.workflow.workspaceId) ?? "UTC";
      plans.push(planSlots(deps, work, defined, zone, open.get(id) ?? [], undecided.get(id) ?? 0));
    } catch (error) {
      // Nothing of it is written yet. One schedule that cannot be read must not keep all the others from their slots.
      deps.log.error({ workflowId: id, err: error }, "slots not planned; workflow paused");
      await pause(deps, work, defined, "claw", "Its schedule cannot be read. Edit it, then resume.");
    }
  }
  const fresh = await insertFirings(
    work.tx,
    plans.flatMap((plan) => plan.firings),
  );
  const starts = plans.flatMap((plan) => plan.starts).filter((start) => fresh.has(start.firingId));
  const next = plans.map((plan) => ({ id: plan.defined.workflow.id, at: plan.nextAt }));
  await Promise.all([startRuns(deps, work, starts), setNextSlots(work.tx, next)]);
  for (const plan of plans) {
    for (const { id, gate } of plan.firings) if (gate && fresh.has(id)) await beginCheck(work, plan.defined, id);
  }
  // After the new runs are there: what ends now would otherwise begin the next queued firing beside them.
  for (const plan of plans) await makeRoom(deps, work, plan);
  for (const plan of plans) {
    const { workflow } = plan.defined;
    if (plan.skipped > 0) await changeWorkflow(work.tx, workflow, { skipNext: workflow.skipNext - plan.skipped });
    if (!plan.nextAt) await endWorkflow(work, plan.defined);
    await tellMissed(deps, work, plan);
    if (plan.cost) await tellCostInSlots(work, workflow.workspaceId, plan.cost);
  }
  return due.length;
}

/** What becomes of the slots of one workflow that have come. */
export interface SlotPlan {
  readonly defined: Defined;
  readonly firings: readonly NewFiring[];
  readonly starts: readonly RunStart[];
  readonly supersede: readonly OpenRun[];
  readonly cancel: readonly OpenRun[];
  /** What the waiting of open runs costs; absent or null: nothing. */
  readonly cost?: CostInSlots | null;
  readonly nextAt: Date | null;
  /** How many of the slots that a person asked to skip are used up. */
  readonly skipped: number;
  readonly missed: NewFiring | null;
  readonly first: Date | null;
}

function planSlots(
  deps: SlotDeps,
  work: Work,
  defined: Defined,
  zone: string,
  open: readonly OpenRun[],
  queued: number,
): SlotPlan {
  const { workflow, revision } = defined;
  const { trigger, policies } = revision;
  const now = work.now.getTime();
  const from = workflow.nextSlotAt ?? work.now;
  const schedule = scheduleOf(trigger);
  if (!schedule) {
    const nothing = { firings: [], starts: [], supersede: [], cancel: [] };
    return { defined, ...nothing, nextAt: null, skipped: 0, missed: null, first: null };
  }
  const { mode } = policies.catchUp;
  const later = nextSlots(schedule, from.getTime(), 1)[0];
  // The usual case, on time, costs one look at the schedule: what is just late is within every reach.
  const onTime = (later === undefined || later.getTime() > now) && now - from.getTime() <= ON_TIME_MS;
  const reach = onTime ? 0 : reachMs(mode, catchUpWindowMs(policies.catchUp, periodMs(schedule, from.getTime())));
  const { closedTimes } = deps;
  const come = sift(schedule, onTime ? { missed: null, inside: [from] } : slotsCome(schedule, from, now, reach), {
    closed: closedTimes && policies.calendar !== "ignore" ? (at) => closedReason(at, closedTimes, zone) : null,
    skips: workflow.skipNext,
  });
  const nextAt = onTime ? (later ?? null) : (nextSlots(schedule, now, 1)[0] ?? null);
  const decided = decideSlots(come.inside, mode);

  const firing = (slot: Date, outcome: FiringOutcome | null, reason: string | null, count = 1): NewFiring => ({
    id: deps.ids.next(),
    workspaceId: workflow.workspaceId,
    workflowId: workflow.id,
    kind: firingKindOf(trigger),
    key: slot.toISOString(),
    plannedAt: slot,
    outcome,
    reason,
    gate: null,
    count,
    payload: null,
    createdAt: work.now,
  });
  const lastCollapsed = decided.collapsed.at(-1);
  const missed = come.missed
    ? firing(come.missed.last, "missed", whyMissed(come.missed.exact), come.missed.count)
    : null;
  const accounted = [
    ...(missed ? [missed] : []),
    ...come.leftOut.map(({ last, reason, count }) => firing(last, "skipped", reason, count)),
    ...(lastCollapsed
      ? [
          firing(
            lastCollapsed,
            "collapsed",
            `into ${decided.run[0]?.toISOString() ?? "a later one"}`,
            decided.collapsed.length,
          ),
        ]
      : []),
  ];

  const [slot, ...rest] = decided.run;
  const plan = { defined, nextAt, skipped: come.skipped, missed, first: come.missed?.first ?? null };
  if (!slot) return { ...plan, firings: accounted, starts: [], supersede: [], cancel: [] };
  const overlap = decideOverlap(policies.overlap, open, queued);
  const waiting = rest.map((each) => firing(each, null, null));
  const start = (ran: NewFiring): RunStart => ({
    workspaceId: workflow.workspaceId,
    firingId: ran.id,
    revision,
    by: "claw",
  });
  switch (overlap.kind) {
    case "run":
    case "supersede":
    case "cancel_then_run": {
      if (gateOf(trigger)) {
        // What it would overtake goes on until the gate has said yes.
        const asked = { ...firing(slot, null, null), gate: "checking" as const };
        return { ...plan, firings: [...accounted, asked, ...waiting], starts: [], supersede: [], cancel: [] };
      }
      const ran = firing(slot, "ran", null);
      const supersede = overlap.kind === "supersede" ? overlap.runs : [];
      const cancel = overlap.kind === "cancel_then_run" ? overlap.runs : [];
      return { ...plan, firings: [...accounted, ran, ...waiting], starts: [start(ran)], supersede, cancel };
    }
    case "queue":
    case "cancel_then_queue": {
      const cancel = overlap.kind === "cancel_then_queue" ? overlap.runs : [];
      const firings = [...accounted, firing(slot, null, null), ...waiting];
      return { ...plan, firings, starts: [], supersede: [], cancel };
    }
    case "skip": {
      const skipped = decided.run.map((each) => firing(each, "skipped", overlap.reason));
      const runIds = open.flatMap(({ runId, status }) => (status === "waiting" ? [runId] : []));
      const cost = runIds.length > 0 ? { runIds, count: skipped.length, last: decided.run.at(-1) ?? slot } : null;
      return { ...plan, firings: [...accounted, ...skipped], starts: [], supersede: [], cancel: [], cost };
    }
    default:
      return assertNever(overlap, "overlap decision");
  }
}

const whyMissed = (exact: boolean): string =>
  `Claw was not running, and it is outside the catch-up window${exact ? "" : " (the count is reckoned)"}`;
