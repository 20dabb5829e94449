/**
 * What a worker does while its database is away: it waits, with all it knows, and goes on where it was. So an outage costs
 * no attempt, no answer that was paid for, and nobody is asked about a call whose result is known.
 *
 * A commit whose answer was lost may have been made or not: before anything is written again, the journal is asked.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { appendAudit } from "../audit/store.ts";
import { releaseOf } from "../budget/store.ts";
import { inWork, isPassing } from "../db/work.ts";
import { DatabaseAway, enter } from "./interruption.ts";
import { forgetAttempt, loadJournal, moveStep, statusOf } from "./journal/store.ts";
import { type AdvanceDeps, forget, type Known } from "./known.ts";
import type { StepKey, StepStatus } from "./step.ts";
import type { HeldRun } from "./store.ts";

/** Milliseconds. */
const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 1_000;

/** The database was away or busy, or it was not known whether this process still holds its runs. */
export const isAway = (error: unknown): boolean => error instanceof DatabaseAway || isPassing(error);

/**
 * Before the next try.
 * @param signal ends it, and is thrown with its reason
 */
export async function pause(deps: AdvanceDeps, tries: number, signal: AbortSignal): Promise<void> {
  const ms = Math.min(FIRST_PAUSE_MS * 2 ** tries, LONGEST_PAUSE_MS);
  await sleep(ms * (0.5 + deps.random() / 2), undefined, { signal }).catch(() => signal.throwIfAborted());
}

export const nameOf = ({ turn, callIndex }: StepKey): string => `${turn}.${callIndex}`;

/**
 * Writes what came of a call, for as long as that takes.
 * @param call.from what its step is until this is written
 * @returns what `write` says; false when it had been written all the same, which the journal then shows
 */
export async function insist(
  deps: AdvanceDeps,
  run: HeldRun,
  known: Known,
  call: StepKey & { readonly from: StepStatus },
  signal: AbortSignal,
  write: () => Promise<boolean>,
): Promise<boolean> {
  for (let tries = 0; ; tries++) {
    try {
      // The lease comes first: with it the run is told how long the database was away, which is no time of its own.
      await deps.holding.must(run.id);
      const again = tries > 0 && (await statusOf(deps.db, run, call)) !== call.from;
      if (again) forget(known);
      const over = again ? false : await write();
      known.begun.delete(nameOf(call));
      return over;
    } catch (error) {
      if (!isAway(error)) throw error;
      if (tries === 0) deps.log.warn({ runId: run.id, err: error }, "run waits for its database");
      await pause(deps, tries, signal);
    }
  }
}

/** Asks the database for something that a call needs, for as long as that call may take. */
export async function answered<T>(deps: AdvanceDeps, signal: AbortSignal, ask: () => Promise<T>): Promise<T> {
  for (let tries = 0; ; tries++) {
    try {
      return await ask();
    } catch (error) {
      if (!isAway(error)) throw error;
      await pause(deps, tries, signal);
    }
  }
}

/**
 * Goes on after an interruption, before anything else is done: what is known is written, and what was begun and not done is
 * begun anew, as if it had not been. Again is harmless. @throws LeaseLost when somebody else went on meanwhile
 */
export async function takeUp(deps: AdvanceDeps, run: HeldRun, known: Known): Promise<void> {
  const { unwritten } = known;
  await deps.holding.must(run.id);
  forget(known);
  if (unwritten) {
    if ((await statusOf(deps.db, run, unwritten.step)) === "ready") await inWork(deps, unwritten.alone);
    known.unwritten = null;
  }
  await inWork(deps, async (work) => {
    await enter(work, run);
    const journal = await loadJournal(work.tx, run);
    const begun = journal.filter((step) => step.status === "started" && known.begun.has(nameOf(step)));
    for (const step of begun) {
      if (step.kind === "model") await releaseOf(work.tx, { ...step, runId: run.id, at: work.now });
      await moveStep(work.tx, run, step, "started", "ready");
      await forgetAttempt(work.tx, run, step, step.attempts);
    }
    await appendAudit(work.tx, [
      {
        workspaceId: run.workspaceId,
        at: work.now,
        actor: "claw",
        action: "run.resumed",
        subject: { kind: "run", id: run.id },
        workflowId: run.workflowId,
        runId: run.id,
        detail: {
          epoch: run.epoch,
          why: "the database was away",
          steps: begun.map((step) => `${nameOf(step)} ${step.name}`),
        },
      },
    ]);
  });
  known.begun.clear();
}
