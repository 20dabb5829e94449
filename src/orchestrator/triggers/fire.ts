/** Starts a workflow because something happened, under the same policies as a slot: every event is accounted for. */
import { storable } from "../db/storable.ts";
import type { Work } from "../db/work.ts";
import { assertNever } from "../errors.ts";
import { workspaceZones } from "../members/store.ts";
import type { EndingDeps } from "../runs/ending.ts";
import { startRuns } from "../runs/start.ts";
import { closedReason } from "../schedules/closed-times.ts";
import type { FiringOutcome } from "../schedules/firing.ts";
import {
  decideFiring,
  insertFirings,
  type NewFiring,
  openRunsOf,
  setFiringGate,
  undecidedCounts,
} from "../schedules/firings/store.ts";
import { decideOverlap, type OpenRun } from "../schedules/overlap.ts";
import { makeRoom } from "../schedules/slot-effects.ts";
import { stopKey, stopOf, stoppedReason } from "../stops/store.ts";
import type { Defined } from "../workflows/store.ts";
import { insertChecks } from "./checks/store.ts";
import { countFiring, startedSince } from "./store.ts";
import { gateOf, type Trigger } from "./trigger.ts";

/** Something that a workflow waits for. */
export interface Happened {
  readonly kind: Extract<NewFiring["kind"], "webhook" | "message" | "reaction" | "outcome">;
  /** The same however often it is told; unique among the firings of the kind. */
  readonly key: string;
  readonly at: Date;
  /** What the run is told of it. */
  readonly payload: unknown;
}

/** Messages and reactions come in bursts: of a workflow they start one run in so many milliseconds. */
export const PACE_MS = 60_000;
const PACED: ReadonlySet<Trigger["kind"]> = new Set(["message", "reaction"]);

/** What became of it. `none`: the workflow waits for nothing, or it is known already. */
export type Fired = "ran" | "checking" | "queued" | "skipped" | "collapsed" | "none";

/** The key under which everything that falls into a pause is counted. */
export const pauseKey = (pausedAt: Date): string => `paused:${pausedAt.toISOString()}`;

/** @param defined locked by the caller, whose work all of it belongs to */
export async function fire(deps: EndingDeps, work: Work, defined: Defined, happened: Happened): Promise<Fired> {
  const { workflow, revision } = defined;
  const { trigger } = revision;
  const firing = (key: string, outcome: FiringOutcome | null, reason: string | null): NewFiring => ({
    id: deps.ids.next(),
    workspaceId: workflow.workspaceId,
    workflowId: workflow.id,
    kind: happened.kind,
    key,
    plannedAt: happened.at,
    outcome,
    reason,
    gate: null,
    count: 1,
    payload: outcome === "skipped" || outcome === "collapsed" ? null : storable(happened.payload),
    createdAt: work.now,
  });
  if (workflow.status === "paused" && workflow.paused) {
    const { at, by, note } = workflow.paused;
    await countFiring(work.tx, firing(pauseKey(at), "skipped", `paused by ${by}${note ? `: ${note}` : ""}`));
    return "skipped";
  }
  if (workflow.status !== "active") return "none";
  const stop = await stopOf(work.tx, workflow.workspaceId);
  if (stop) {
    // The last one is kept, so that a person can have it done when everything goes on.
    const counted = firing(stopKey(stop), "skipped", stoppedReason(stop));
    await countFiring(work.tx, { ...counted, payload: storable(happened.payload) });
    return "skipped";
  }
  const closed = await closedNow(deps, work, defined, happened.at);
  if (closed !== null) {
    await countFiring(work.tx, firing(`closed:${happened.at.toISOString().slice(0, 10)}:${closed}`, "skipped", closed));
    return "skipped";
  }
  if (PACED.has(trigger.kind)) {
    const since = new Date(work.now.getTime() - PACE_MS);
    const first = await startedSince(work.tx, workflow, ["message", "reaction"], since);
    if (first) {
      const reason = `into the one of ${first.plannedAt.toISOString()}: at most one run a minute`;
      await countFiring(work.tx, firing(`collapsed:${first.id}`, "collapsed", reason));
      return "collapsed";
    }
  }
  const admission = await decideAdmission(work, defined);
  if (gateOf(trigger) && admission.outcome !== "skipped") {
    const asked = { ...firing(happened.key, null, null), gate: "checking" as const };
    if (!(await insertFirings(work.tx, [asked])).has(asked.id)) return "none";
    await beginCheck(work, defined, asked.id);
    return "checking";
  }
  const added = firing(happened.key, admission.outcome, admission.reason);
  if (!(await insertFirings(work.tx, [added])).has(added.id)) return "none";
  return carryOut(deps, work, defined, added, admission);
}

async function closedNow(deps: EndingDeps, work: Work, defined: Defined, at: Date): Promise<string | null> {
  const { closedTimes } = deps;
  const { workspaceId } = defined.workflow;
  if (!closedTimes || defined.revision.policies.calendar === "ignore") return null;
  const zone = (await workspaceZones(work.tx, [workspaceId])).get(workspaceId) ?? "UTC";
  return closedReason(at, closedTimes, zone);
}

/** What the overlap policy says just now. */
export interface Admission {
  /** Null: it waits for the open run to end. */
  readonly outcome: Extract<FiringOutcome, "ran" | "skipped"> | null;
  readonly reason: string | null;
  readonly supersede: readonly OpenRun[];
  readonly cancel: readonly OpenRun[];
}

export async function decideAdmission(work: Work, { workflow, revision }: Defined): Promise<Admission> {
  const open = (await openRunsOf(work.tx, [workflow.id])).get(workflow.id) ?? [];
  const queued = (await undecidedCounts(work.tx, [workflow.id])).get(workflow.id) ?? 0;
  const overlap = decideOverlap(revision.policies.overlap, open, queued);
  const nothing = { reason: null, supersede: [], cancel: [] };
  switch (overlap.kind) {
    case "run":
      return { ...nothing, outcome: "ran" };
    case "supersede":
      return { ...nothing, outcome: "ran", supersede: overlap.runs };
    case "cancel_then_run":
      return { ...nothing, outcome: "ran", cancel: overlap.runs };
    case "queue":
      return { ...nothing, outcome: null };
    case "cancel_then_queue":
      return { ...nothing, outcome: null, cancel: overlap.runs };
    case "skip":
      return { ...nothing, outcome: "skipped", reason: overlap.reason };
    default:
      return assertNever(overlap, "overlap decision");
  }
}

/** Does what was decided about a firing that is stored: begins its run, and ends what it overtakes. */
export async function carryOut(
  deps: EndingDeps,
  work: Work,
  defined: Defined,
  firing: { readonly id: string; readonly plannedAt: Date },
  { outcome, supersede, cancel }: Admission,
): Promise<Extract<Fired, "ran" | "queued" | "skipped">> {
  const { revision, workflow } = defined;
  const start = { workspaceId: workflow.workspaceId, firingId: firing.id, revision, by: "claw" };
  const starts = outcome === "ran" ? await startRuns(deps, work, [start]) : [];
  const firings = [{ outcome, plannedAt: firing.plannedAt }];
  await makeRoom(deps, work, { defined, supersede, cancel, starts, firings });
  return outcome ?? "queued";
}

/** Has the gate of a stored firing asked. */
export async function beginCheck(work: Work, { workflow }: Defined, firingId: string): Promise<void> {
  const { workspaceId, id: workflowId } = workflow;
  await insertChecks(work.tx, [{ workspaceId, workflowId, firingId, dueAt: work.now }]);
  work.wake("checks.due");
}

/** The run before it has ended: a firing that waited runs now, once its gate has said yes. */
export async function letGo(
  deps: EndingDeps,
  work: Work,
  defined: Defined,
  waiting: Pick<NewFiring, "id" | "kind" | "gate">,
): Promise<void> {
  const { workflow, revision } = defined;
  const { workspaceId } = workflow;
  // What a person asked for is not asked about again.
  const asks = gateOf(revision.trigger) && waiting.gate !== "passed" && !["person", "backfill"].includes(waiting.kind);
  if (asks) {
    await setFiringGate(work.tx, { workspaceId, id: waiting.id }, "checking");
    await beginCheck(work, defined, waiting.id);
    return;
  }
  if (!(await decideFiring(work.tx, { workspaceId, id: waiting.id }, "ran", null))) return;
  await startRuns(deps, work, [{ workspaceId, firingId: waiting.id, revision, by: "claw" }]);
}
