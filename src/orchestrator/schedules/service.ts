/** Claims the slots that have come: in one transaction every slot is accounted for, runs are queued, the next slot is set. */
import { appendAudit } from "../audit/store.ts";
import { inWork, type Work, type WorkDeps } from "../db/work.ts";
import { announce } from "../delivery/store.ts";
import { assertNever } from "../errors.ts";
import { workspaceZones } from "../members/store.ts";
import { cancelRun, failRun } from "../runs/ending.ts";
import type { EngineDeps } from "../runs/engine-deps.ts";
import { type RunStart, startRuns } from "../runs/start.ts";
import { lockRun, requestCancel } from "../runs/store.ts";
import { pause } from "../workflows/outcome.ts";
import { changeWorkflow, type Defined, lockDue, moveWorkflow, setNextSlots, soonestSlot } from "../workflows/store.ts";
import { catchUpWindowMs, decideSlots, reachMs } from "./catch-up.ts";
import { type ClosedTimes, closedReason, sift } from "./closed-times.ts";
import { slotsCome } from "./come.ts";
import type { FiringOutcome } from "./firing.ts";
import { insertFirings, type NewFiring, openRunsOf, undecidedCounts } from "./firings/store.ts";
import { decideOverlap, type OpenRun } from "./overlap.ts";
import { nextSlots, periodMs } from "./slots.ts";

/** Workflows claimed in one transaction. */
const BATCH = 200;

export interface SlotDeps extends EngineDeps {
  /** Null: no time is closed. */
  readonly closedTimes: ClosedTimes | null;
}

/** Claims everything due; returns when nothing is. A second caller takes what the first has not locked. */
export async function claimDueSlots(deps: SlotDeps): Promise<number> {
  let claimed = 0;
  while (true) {
    const batch = await inWork(deps, (work) => claimBatch(deps, work));
    claimed += batch;
    if (batch < BATCH) break;
  }
  await setSlotAlarm(deps);
  return claimed;
}

/**
 * Asks for a look at the soonest slot to come: one alarm is enough however many workflows there are, since whoever takes
 * it asks for the next. Again is harmless, and the sweep does it, so that one that was lost is made anew.
 */
export async function setSlotAlarm({ db, clock, alarms }: WorkDeps): Promise<void> {
  const next = await soonestSlot(db, new Date(clock.now()));
  if (next) await alarms.set("slots.due", next.getTime());
}

async function claimBatch(deps: SlotDeps, work: Work): Promise<number> {
  const due = await lockDue(work.tx, work.now, BATCH);
  if (due.length === 0) return 0;
  const ids = due.map(({ workflow }) => workflow.id);
  const [open, undecided] = [await openRunsOf(work.tx, ids), await undecidedCounts(work.tx, ids)];
  const zones = deps.closedTimes
    ? await workspaceZones(work.tx, [...new Set(due.map(({ workflow }) => workflow.workspaceId))])
    : new Map<string, string>();
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
  await startRuns(deps, work, starts);
  // After the new runs are there: what ends now would otherwise begin the next queued firing beside them.
  for (const plan of plans) await makeRoom(deps, work, plan);
  await setNextSlots(
    work.tx,
    plans.map((plan) => ({ id: plan.defined.workflow.id, at: plan.nextAt })),
  );
  for (const { defined, skipped } of plans) {
    const { workflow } = defined;
    if (skipped > 0) await changeWorkflow(work.tx, workflow, { skipNext: workflow.skipNext - skipped });
  }
  for (const plan of plans) {
    if (!plan.nextAt) await endWorkflow(work, plan.defined);
    await tellMissed(deps, work, plan);
  }
  return due.length;
}

interface SlotPlan {
  readonly defined: Defined;
  readonly firings: readonly NewFiring[];
  readonly starts: readonly RunStart[];
  readonly supersede: readonly OpenRun[];
  readonly cancel: readonly OpenRun[];
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
  if (trigger.kind !== "schedule") {
    const nothing = { firings: [], starts: [], supersede: [], cancel: [] };
    return { defined, ...nothing, nextAt: null, skipped: 0, missed: null, first: null };
  }
  const { schedule } = trigger;
  const { mode } = policies.catchUp;
  const reach = reachMs(mode, catchUpWindowMs(policies.catchUp, periodMs(schedule, from.getTime())));
  const later = nextSlots(schedule, from.getTime(), 1)[0];
  // The usual case, on time, costs two looks at the schedule.
  const onTime = (later === undefined || later.getTime() > now) && now - from.getTime() <= reach;
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
    kind: "slot",
    key: slot.toISOString(),
    plannedAt: slot,
    outcome,
    reason,
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
      const ran = firing(slot, "ran", null);
      const supersede = overlap.kind === "supersede" ? overlap.runs : [];
      const cancel = overlap.kind === "cancel_then_run" ? overlap.runs : [];
      return { ...plan, firings: [...accounted, ran, ...waiting], starts: [start(ran)], supersede, cancel };
    }
    case "queue":
      return {
        ...plan,
        firings: [...accounted, firing(slot, null, null), ...waiting],
        starts: [],
        supersede: [],
        cancel: [],
      };
    case "skip": {
      const skipped = decided.run.map((each) => firing(each, "skipped", overlap.reason));
      return { ...plan, firings: [...accounted, ...skipped], starts: [], supersede: [], cancel: [] };
    }
    default:
      return assertNever(overlap, "overlap decision");
  }
}

const whyMissed = (exact: boolean): string =>
  `Claw was not running, and it is outside the catch-up window${exact ? "" : " (the count is reckoned)"}`;

/** Ends what the new slot overtakes. */
async function makeRoom(deps: SlotDeps, work: Work, plan: SlotPlan): Promise<void> {
  for (const { runId } of plan.supersede) {
    const run = await lockRun(work, plan.defined.workflow.workspaceId, { id: runId });
    if (run?.status !== "waiting") continue;
    const failure = { code: "superseded", message: "The next slot came before it could be retried." } as const;
    await failRun(deps, work, run, failure, "waiting");
  }
  for (const { runId } of plan.cancel) {
    const run = await lockRun(work, plan.defined.workflow.workspaceId, { id: runId });
    if (!run) continue;
    if (run.status === "running") await requestCancel(work.tx, run, "its next slot");
    else if (run.status === "waiting" || run.status === "queued")
      await cancelRun(deps, work, run, "its next slot", run.status);
  }
}

async function endWorkflow(work: Work, { workflow }: Defined): Promise<void> {
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

async function tellMissed(deps: SlotDeps, work: Work, plan: SlotPlan): Promise<void> {
  const { missed, defined } = plan;
  if (!missed) return;
  const { workflow } = defined;
  await announce(work, {
    id: deps.ids.next(),
    workspaceId: workflow.workspaceId,
    key: `missed:${missed.id}`,
    channelId: workflow.channelId,
    place: { kind: "home" },
    workflowId: workflow.id,
    runId: null,
    privateTo: null,
    notice: {
      kind: "slotsMissed",
      workflow: { workflowId: workflow.id, name: workflow.name },
      count: missed.count,
      first: (plan.first ?? missed.plannedAt).toISOString(),
      last: missed.plannedAt.toISOString(),
      why: missed.reason ?? "",
      firingId: missed.id,
      ranLatest: plan.starts.length > 0,
    },
  });
}
