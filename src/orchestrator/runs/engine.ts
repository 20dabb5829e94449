/** Advances a run that this process holds, until it ends, waits, or is lost to another worker. */
import type { Log } from "../../log.ts";
import { inWork, type Work } from "../db/work.ts";
import { assertNever, type Failure } from "../errors.ts";
import { cancelRun, dieRun, endRun, failRun } from "./ending.ts";
import type { EngineDeps } from "./engine-deps.ts";
import { EverythingStopped, enter, LimitReached, RunCancelled, RunOver, ShuttingDown } from "./interruption.ts";
import { loadJournal } from "./journal/store.ts";
import { type AdvanceDeps, journalOf, type Known, knownOf, theLongWay, writeDown } from "./known.ts";
import { activeMsAt } from "./limit.ts";
import { callModel } from "./model-call.ts";
import { type Move, nextMove } from "./move.ts";
import { isAway, pause, takeUp } from "./outage.ts";
import { failAtLimit } from "./overdue.ts";
import { announceProgress } from "./progress.ts";
import { recoverOrphans } from "./recover.ts";
import { rehearsing } from "./rehearsal.ts";
import type { Step, ToolStep } from "./step.ts";
import { fence, type HeldRun, LeaseLost, moveRun } from "./store.ts";
import { suspendRun } from "./suspend.ts";
import { callTool } from "./tool-call.ts";
import { verdictOf } from "./verdict.ts";
import { keepToPins } from "./version.ts";
import { isAskedFor } from "./wait.ts";
import { openWaitsOf } from "./waits/store.ts";

/**
 * @param stopping no further step is begun once it says so
 * @param signal aborts with a {@link RunCancelled}, {@link LimitReached}, {@link ShuttingDown} or {@link LeaseLost} as its
 *   reason
 * Never rejects: what goes wrong ends in the journal, or, when even that cannot be written before it must stop, in the
 * log; the lease then runs out and another claim goes on from the journal.
 */
export async function advance(
  deps: AdvanceDeps,
  run: HeldRun,
  signal: AbortSignal,
  stopping: () => boolean,
): Promise<void> {
  const log = deps.log.child({ runId: run.id, workflowId: run.workflowId, run: run.number });
  const known = knownOf(run, deps.holding.awayMs());
  try {
    await goOn(deps, run, known, signal, stopping);
  } catch (thrown) {
    try {
      await writeDown(deps, known);
      const why = signal.aborted && !(thrown instanceof RunOver) ? signal.reason : thrown;
      await concludeOnce(deps, asOfNow(deps, run, known), why, log, stopping);
    } catch (error) {
      if (error instanceof LeaseLost) log.info({ epoch: run.epoch }, "run is held by another worker");
      else log.error({ err: error }, "run interrupted; it goes on when its lease runs out");
    }
  }
}

/** Until it ends or waits; when its database is away, again from where it was. */
async function goOn(
  deps: AdvanceDeps,
  run: HeldRun,
  known: Known,
  signal: AbortSignal,
  stopping: () => boolean,
): Promise<void> {
  /** Tries since something last went well. */
  let tries = 0;
  for (let claimed = run; ; claimed = { ...run, wasLost: false }) {
    try {
      if (claimed !== run) await takeUp(deps, run, known);
      // That a worker was lost is held against a step once.
      await begin(deps, claimed);
      const pinned = await keepToPins(deps, run);
      if (!pinned) return;
      tries = 0;
      while (!(await step(deps, pinned, known, signal))) if (stopping()) throw new ShuttingDown();
      return;
    } catch (thrown) {
      if (!isAway(thrown)) throw thrown;
      if (tries === 0) deps.log.warn({ runId: run.id, err: thrown }, "run waits for its database");
      await pause(deps, tries++, signal);
      if (stopping()) throw new ShuttingDown();
    }
  }
}

/** What the database was away for is no time of the run's. */
function asOfNow(deps: AdvanceDeps, run: HeldRun, known: Known): HeldRun {
  const away = deps.holding.awayMs() - known.awayBefore;
  if (away === 0) return run;
  return { ...run, claimedAt: run.claimedAt && new Date(run.claimedAt.getTime() + away) };
}

async function begin(deps: EngineDeps, run: HeldRun): Promise<void> {
  await recoverOrphans(deps, run);
  if (run.ownerRole === null || run.ownerRole === "viewer") {
    throw new RunOver("failed", {
      code: "forbidden",
      message: `The owner of ${run.workflowName} is no longer allowed to run workflows. An admin can transfer it.`,
    });
  }
}

/** One move. @returns true when the run needs this process no more */
async function step(given: AdvanceDeps, claimed: HeldRun, known: Known, signal: AbortSignal): Promise<boolean> {
  signal.throwIfAborted();
  const journal = await journalOf(given, claimed, known);
  // What the run read since it was claimed counts, not only what it had read by then.
  const asNow = asOfNow(given, claimed, known);
  const run = asNow.tainted === known.tainted ? asNow : { ...asNow, tainted: known.tainted };
  const deps = run.rehearsal ? { ...given, ...(await rehearsing(given, run, journal)) } : given;
  const move = moveOf(run, journal);
  if (move.kind !== "call_model") await writeDown(deps, known);
  switch (move.kind) {
    case "call_model":
      return callModel(deps, run, known, journal, move, signal);
    case "call_tools":
      return callTools(deps, run, known, move.steps, journal, signal);
    case "suspend":
      return theLongWay(deps, known, (work) => suspend(deps, work, run));
    case "end":
      await theLongWay(deps, known, async (work) => {
        await enter(work, run);
        await endRun(deps, work, run, move.verdict);
      });
      return true;
    case "fail":
      throw new RunOver("failed", move.failure);
    default:
      return assertNever(move, "move");
  }
}

/** Side by side; what one of them throws is thrown when all have ended. */
async function callTools(
  deps: AdvanceDeps,
  run: HeldRun,
  known: Known,
  calls: readonly ToolStep[],
  journal: readonly Step[],
  signal: AbortSignal,
): Promise<boolean> {
  const underWay = new Set(calls);
  const isLast = () => underWay.size === 1;
  const settled = await Promise.allSettled(
    calls.map((call) => callTool(deps, run, known, call, journal, signal, isLast).finally(() => underWay.delete(call))),
  );
  for (const each of settled) if (each.status === "rejected") throw each.reason;
  return settled.some((each) => each.status === "fulfilled" && each.value);
}

const moveOf = (run: HeldRun, journal: readonly Step[]): Move =>
  nextMove(journal, { maxSteps: run.pinned.policies.maxSteps, verdictOf });

/** Puts the run to wait, unless somebody decided meanwhile: then, under the lock, there is another move. */
async function suspend(deps: EngineDeps, work: Work, run: HeldRun): Promise<boolean> {
  await enter(work, run);
  if (moveOf(run, await loadJournal(work.tx, run)).kind !== "suspend") return false;
  const waits = await openWaitsOf(work.tx, run);
  if (waits.length === 0) {
    throw new RunOver("dead", {
      code: "bug",
      message: "The run waits for nothing; Claw does not know how to go on.",
    });
  }
  await moveRun(work.tx, run, "running", "waiting", { activeMs: activeMsAt(run, work.now) });
  const times = waits.flatMap((wait) => (isAskedFor(wait) && wait.dueAt ? [wait.dueAt.getTime()] : []));
  const until = times.length === waits.length ? { until: new Date(Math.max(...times)) } : {};
  await announceProgress(deps, work, run, { state: "waiting", ...until });
  return true;
}

/** For as long as that takes; a second one finds the run gone. */
async function concludeOnce(
  deps: AdvanceDeps,
  run: HeldRun,
  thrown: unknown,
  log: Log,
  stopping: () => boolean,
): Promise<void> {
  const never = new AbortController().signal;
  for (let tries = 0; ; tries++) {
    try {
      return await conclude(deps, run, thrown, log);
    } catch (error) {
      if (!isAway(error) || stopping()) throw error;
      await pause(deps, tries, never);
    }
  }
}

async function conclude(deps: EngineDeps, run: HeldRun, thrown: unknown, log: Log): Promise<void> {
  if (thrown instanceof LeaseLost || thrown instanceof ShuttingDown) {
    log.info({ epoch: run.epoch, why: thrown.name }, "run left to the next claim");
    return;
  }
  await inWork(deps, async (work) => {
    const cancelledBy = await fence(work, run);
    if (thrown instanceof RunCancelled) return cancelRun(deps, work, run, thrown.by);
    if (thrown instanceof EverythingStopped) {
      return cancelledBy === null ? suspendRun(deps, work, run, thrown.by) : cancelRun(deps, work, run, cancelledBy);
    }
    if (thrown instanceof LimitReached && cancelledBy === null) return failAtLimit(deps, work, run, thrown.limit);
    if ((thrown instanceof RunOver || thrown instanceof LimitReached) && cancelledBy !== null)
      return cancelRun(deps, work, run, cancelledBy);
    if (thrown instanceof RunOver) {
      return thrown.how === "failed"
        ? failRun(deps, work, run, thrown.failure)
        : dieRun(deps, work, run, thrown.failure);
    }
    log.error({ err: thrown }, "run hit a bug");
    const failure: Failure = { code: "bug", message: "Claw failed in a way it should not; the log says how." };
    return dieRun(deps, work, run, failure);
  });
}
