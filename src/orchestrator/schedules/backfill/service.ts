/** *Backfill*: slots that never ran are run after all, one after the other, once a person has seen how many they are. */
import { appendAudit } from "../../audit/store.ts";
import type { Caller } from "../../caller.ts";
import { ClawError } from "../../errors.ts";
import type { WorkflowRef } from "../../events.ts";
import { startRuns } from "../../runs/start.ts";
import { estimateMicros } from "../../workflows/draft-view.ts";
import { lockOwn, type WorkflowKey } from "../../workflows/service.ts";
import type { Defined } from "../../workflows/store.ts";
import { insertFirings, openRunsOf } from "../firings/store.ts";
import {
  type BackfillPayload,
  type BackfillSlots,
  chooseSlots,
  MOST_SLOTS,
  type Range,
  rangeOf,
  readToken,
  slotsIn,
  writeToken,
} from "./backfill.ts";
import { firingsOfSlots, usualCostMicros } from "./store.ts";

/** What a person is asked before anything runs. Times are ISO instants, money is millionths of a dollar. */
export interface BackfillView extends WorkflowRef {
  readonly slots: number;
  readonly first: string;
  readonly last: string;
  /** Slots of the range that are left out because they ran, and because they wait for their turn already. */
  readonly ran: number;
  readonly queued: number;
  /** How many of them lie before the workflow was created, and when that was. */
  readonly beforeCreation: number;
  readonly createdAt: string;
  readonly costMicros: number;
  readonly model: string;
  /** For the button that begins it. */
  readonly token: string;
}

/**
 * Counts what a backfill would run, and changes nothing.
 * @param from see `momentOf`; days and times are the caller's own
 * @throws ClawError `invalid_input` for a range that cannot be, `conflict` when there is nothing to run
 */
export async function planBackfill(
  caller: Caller,
  which: WorkflowKey,
  from: string,
  to: string,
): Promise<BackfillView> {
  const { deps, work } = caller;
  const defined = await lockOwn(caller, which);
  const range = rangeOf(from, to, caller.zone, work.now.getTime());
  const { slots, ran, queued } = await choose(caller, defined, range);
  const { workflow, revision } = defined;
  const perRun = (await usualCostMicros(work.tx, workflow)) ?? estimateMicros(caller, revision);
  return {
    workflowId: workflow.id,
    name: workflow.name,
    slots: slots.length,
    first: slots[0]?.slot.toISOString() ?? "",
    last: slots.at(-1)?.slot.toISOString() ?? "",
    ran,
    queued,
    beforeCreation: slots.filter(({ slot }) => slot < workflow.createdAt).length,
    createdAt: workflow.createdAt.toISOString(),
    costMicros: perRun * slots.length,
    model: deps.model.name,
    token: writeToken({
      ...range,
      workflowId: workflow.id,
      revision: revision.number,
      askedAt: work.now.getTime(),
    }),
  };
}

export interface BackfillBegun {
  readonly name: string;
  readonly slots: number;
  /** The run that began; null when the first waits for one that is open. */
  readonly runNumber: number | null;
}

/**
 * Queues what was asked about, checked again. Twice is harmless: what is queued is left out the second time.
 * @throws ClawError `conflict` when nothing is left to run, or the workflow was edited since
 */
export async function runBackfill(caller: Caller, token: string): Promise<BackfillBegun> {
  const { deps, work, actor } = caller;
  const asked = readToken(token);
  if (!asked) throw notUnderstood();
  const defined = await lockOwn(caller, { id: asked.workflowId });
  const { workflow, revision } = defined;
  if (revision.number !== asked.revision) {
    throw new ClawError(
      "conflict",
      `${workflow.name} was changed since. Send the line again to see what would run now.`,
    );
  }
  const { slots } = await choose(caller, defined, asked);
  const open = (await openRunsOf(work.tx, [workflow.id])).get(workflow.id) ?? [];
  const firings = slots.map(({ slot, key }, at) => ({
    id: deps.ids.next(),
    workspaceId: workflow.workspaceId,
    workflowId: workflow.id,
    kind: "backfill" as const,
    key,
    plannedAt: slot,
    // The others begin each when the run before it has ended.
    outcome: at === 0 && open.length === 0 ? ("ran" as const) : null,
    reason: null,
    count: 1,
    payload: { backfill: slot.toISOString() } satisfies BackfillPayload,
    createdAt: work.now,
  }));
  await insertFirings(work.tx, firings);
  const starts = firings.filter(({ outcome }) => outcome === "ran");
  const [run] = await startRuns(
    deps,
    work,
    starts.map(({ id }) => ({ workspaceId: workflow.workspaceId, firingId: id, revision, by: actor.memberId })),
  );
  await appendAudit(work.tx, [
    {
      workspaceId: workflow.workspaceId,
      at: work.now,
      actor: actor.memberId,
      action: "workflow.backfilled",
      subject: { kind: "workflow", id: workflow.id },
      workflowId: workflow.id,
      runId: null,
      detail: { slots: slots.length, first: firings[0]?.key ?? null, last: firings.at(-1)?.key ?? null },
    },
  ]);
  return { name: workflow.name, slots: slots.length, runNumber: run?.number ?? null };
}

/** *Cancel*: nothing was changed yet. @returns the workflow's name. @throws ClawError for a value that is no token */
export async function dropBackfill(caller: Caller, token: string): Promise<string> {
  const asked = readToken(token);
  if (!asked) throw notUnderstood();
  return (await lockOwn(caller, { id: asked.workflowId })).workflow.name;
}

const notUnderstood = () =>
  new ClawError("unknown_subject", "This button is no longer understood. Send the line again.");

/** @throws ClawError when there is nothing to run, or too much */
async function choose(caller: Caller, { workflow, revision }: Defined, range: Range): Promise<BackfillSlots> {
  const { trigger } = revision;
  const conflict = (why: string) => new ClawError("conflict", why);
  if (trigger.kind !== "schedule") throw conflict(`${workflow.name} has no schedule, so it has missed nothing.`);
  if (workflow.status !== "active" && workflow.status !== "ended") {
    throw conflict(`${workflow.name} is ${workflow.status}. /claw resume ${workflow.name} comes first.`);
  }
  // What has come and is not claimed yet is the schedule's own to run.
  const before = workflow.nextSlotAt?.getTime() ?? Number.POSITIVE_INFINITY;
  const slots = slotsIn(trigger.schedule, range, before);
  if (slots.length > MOST_SLOTS) {
    throw new ClawError("invalid_input", `These are more than ${MOST_SLOTS} times. Choose a shorter range.`);
  }
  if (slots.length === 0) throw conflict(`${workflow.name} had no time planned in this range.`);
  const chosen = chooseSlots(slots, await firingsOfSlots(caller.work.tx, workflow, slots));
  if (chosen.slots.length === 0) {
    const why =
      chosen.queued === 0
        ? "ran already"
        : chosen.ran === 0
          ? "wait for their turn already"
          : "ran or wait for their turn";
    throw conflict(`Nothing is left to run: all ${slots.length} times of this range ${why}.`);
  }
  return chosen;
}
