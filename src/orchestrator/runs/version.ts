/** A run begun under another version of Claw goes on with what it began with, or people are asked. */
import { appendAudit } from "../audit/store.ts";
import type { Caller } from "../caller.ts";
import { inWork, type Work } from "../db/work.ts";
import { revise } from "../delivery/store.ts";
import { assertNever, ClawError } from "../errors.ts";
import { startForPerson } from "../workflows/asked.ts";
import { findDefined } from "../workflows/store.ts";
import type { EngineDeps } from "./engine-deps.ts";
import { happenedIn } from "./happened.ts";
import { tellHome } from "./home.ts";
import { enter } from "./interruption.ts";
import { loadJournal } from "./journal/store.ts";
import { activeMsAt } from "./limit.ts";
import { setPins } from "./pins/store.ts";
import { pinChanges } from "./pins.ts";
import { announceProgress } from "./progress.ts";
import { requeue } from "./resume.ts";
import type { RunPins } from "./run.ts";
import { cancel, lockOwn, lockWait } from "./service.ts";
import { pinsFor } from "./start.ts";
import { type HeldRun, moveRun, refOf } from "./store.ts";
import { closeWait, openWait, openWaitsOf } from "./waits/store.ts";

/** The message a wait is asked in; the answer edits it. */
const versionKey = (waitId: string): string => `version:${waitId}`;
/** Marks the waits of kind `stopped` that are about this. */
const WHY = "version";

/**
 * Called once a claim. A run that has done nothing yet simply begins with what there is now; one that has a journal waits
 * with *Go on with the new version · Start again · Stop* when a pinned tool is gone or has another contract, or the model
 * is another. A rehearsal goes on with what there is.
 * @returns the run with its pins; null when it waits
 */
export async function keepToPins(deps: EngineDeps, run: HeldRun): Promise<HeldRun | null> {
  if (run.rehearsal) return run;
  const present = pinsFor(deps, run.pinned);
  const changes = pinChanges(run.pins, present);
  if (changes.length === 0) return run;
  return inWork(deps, async (work) => {
    await enter(work, run);
    const journal = await loadJournal(work.tx, run);
    if (journal.length === 0) {
      await repin(work, run, present, changes, "claw");
      return { ...run, pins: present };
    }
    const asked = (await openWaitsOf(work.tx, run)).some(({ detail }) => detail.why === WHY);
    if (!asked) await ask(deps, work, run, changes, happenedIn(deps, journal));
    await moveRun(work.tx, run, "running", "waiting", { activeMs: activeMsAt(run, work.now) });
    await announceProgress(deps, work, run, { state: "waiting" });
    return null;
  });
}

async function ask(
  deps: Pick<EngineDeps, "ids" | "version">,
  work: Work,
  run: HeldRun,
  changes: readonly string[],
  happened: readonly string[],
): Promise<void> {
  const waitId = deps.ids.next();
  await openWait(work, {
    id: waitId,
    workspaceId: run.workspaceId,
    runId: run.id,
    step: null,
    kind: "stopped",
    dueAt: null,
    detail: { why: WHY, changes },
  });
  await tellHome(deps, work, run, versionKey(waitId), {
    kind: "versionChanged",
    run: refOf(run),
    waitId,
    began: run.pins.clawVersion,
    present: deps.version,
    changes,
    happened,
    decision: null,
  });
  await audit(work, run, "claw", "run.version_asked", { changes });
}

async function repin(
  work: Work,
  run: HeldRun,
  pins: RunPins,
  changes: readonly string[],
  actor: string,
): Promise<void> {
  await setPins(work.tx, run, pins);
  await audit(work, run, actor, "run.repinned", { from: run.pins.clawVersion, to: pins.clawVersion, changes });
}

/**
 * *Go on with the new version · Start again · Stop*. Going on, a call that was approved under another contract is refused
 * and may be asked for again; starting again leaves the run as cancelled, and another begins on the present revision.
 * @returns the number of the run that goes on, begins or ends
 */
export async function answerVersion(
  caller: Caller,
  waitId: string,
  answer: "go_on" | "again" | "stopped",
): Promise<number> {
  const { deps, work, actor } = caller;
  const { wait, run } = await lockWait(caller, waitId, "stopped");
  if (wait.detail.why !== WHY) throw new ClawError("unknown_subject", "This question is no longer open.");
  await lockOwn(caller, { id: run.id });
  await closeAsked(caller, waitId, answer);
  switch (answer) {
    case "go_on": {
      const present = pinsFor(deps, run.pinned);
      await repin(work, run, present, pinChanges(run.pins, present), actor.memberId);
      await requeue(work, run);
      return run.number;
    }
    case "again": {
      const defined = await findDefined(work.tx, run.workspaceId, { id: run.workflowId });
      if (!defined) throw new ClawError("unknown_subject", `There is no workflow ${run.workflowName} any more.`);
      await cancel(caller, { id: run.id });
      return (await startForPerson(caller, defined.revision)).number;
    }
    case "stopped":
      return (await cancel(caller, { id: run.id })).number;
    default:
      return assertNever(answer, "answer");
  }
}

async function closeAsked(caller: Caller, waitId: string, kind: "go_on" | "again" | "stopped"): Promise<void> {
  const { work, actor } = caller;
  const outcome = kind === "stopped" ? "no" : "yes";
  await closeWait(work, actor.workspaceId, { id: waitId }, { outcome, by: actor.memberId });
  await revise(work, actor.workspaceId, versionKey(waitId), (notice) =>
    notice.kind === "versionChanged"
      ? { ...notice, decision: { kind, by: actor.name, at: work.now.toISOString() } }
      : null,
  );
}

const audit = (
  work: Work,
  run: HeldRun,
  actor: string,
  action: string,
  detail: Record<string, unknown>,
): Promise<void> =>
  appendAudit(work.tx, [
    {
      workspaceId: run.workspaceId,
      at: work.now,
      actor,
      action,
      subject: { kind: "run", id: run.id },
      workflowId: run.workflowId,
      runId: run.id,
      detail: { number: run.number, ...detail },
    },
  ]);
