/** Writes the ordinary moves of many runs together: one transaction for what comes at about the same time. */
import { createGather } from "../../../gather.ts";
import { openDayBudget } from "../../budget/store.ts";
import { inWork, isConflict, isPassing, type WorkDeps } from "../../db/work.ts";
import { budgetKey, type Found, findFor } from "./found/store.ts";
import { writeAll } from "./store.ts";
import type { RunWrite } from "./write.ts";

export interface RunWriter {
  /**
   * Resolves after the commit.
   * @returns false when nothing was written, because something about the run is not ordinary: it is held by another worker
   * or locked, somebody cancels it, money is refused, a firing waits for its end. A work of its own then finds out what.
   */
  write(write: RunWrite): Promise<boolean>;
}

/** Moves in one transaction at most. */
const MOST = 64;
/** A text that was kept so lately need not be kept again; milliseconds, far less than the day its mark is good for. */
const KEPT_MS = 60 * 60_000;
const MOST_KEPT = 5_000;

export interface RunWriterDeps extends WorkDeps {
  /** Ceiling of a workspace's day. */
  readonly dayCeilingMicros: number;
}

export function createRunWriter(deps: RunWriterDeps): RunWriter {
  const kept = new Map<string, number>();
  const opened = new Set<string>();
  const keptLately = (key: string, now: number): boolean => Math.abs(now - (kept.get(key) ?? -KEPT_MS)) < KEPT_MS;

  async function flush(writes: readonly RunWrite[]): Promise<boolean[]> {
    const days = new Map(
      writes.flatMap(({ reserve }) => (reserve ? [[`${reserve.workspaceId} ${reserve.day}`, reserve] as const] : [])),
    );
    const written = await inWork(deps, async (work) => {
      // In one order, so that two processes never wait for each other's new days in a circle.
      for (const [key, { workspaceId, day }] of [...days].sort(([a], [b]) => (a < b ? -1 : 1))) {
        if (opened.has(key)) continue;
        await openDayBudget(work.tx, { workspaceId, day, limitMicros: deps.dayCeilingMicros, at: work.now });
      }
      const found = await findFor(work.tx, writes, deps.clock.now());
      const fit = fitting(writes, found);
      if (fit.length > 0) await writeAll(work.tx, fit, found, deps.clock.now());
      if (fit.some(({ said }) => said.length > 0)) work.wake("deliveries.due");
      return new Set(fit);
    });
    if (opened.size > MOST_KEPT) opened.clear();
    for (const key of days.keys()) opened.add(key);
    for (const { run, at, pieces } of written) {
      if (kept.size > MOST_KEPT) kept.clear();
      for (const { hash } of pieces) kept.set(`${run.workspaceId} ${hash}`, at.getTime());
    }
    return writes.map((write) => written.has(write));
  }

  const together = createGather<RunWrite, boolean>({
    most: MOST,
    together: flush,
    mayTryEach: (error) => isConflict(error) || !isPassing(error),
  });
  return {
    write: (write) => {
      const fresh = write.pieces.filter(
        ({ hash }) => !keptLately(`${write.run.workspaceId} ${hash}`, write.at.getTime()),
      );
      return together({ ...write, pieces: fresh });
    },
  };
}

/** Those that can be written as they are, all of them together. */
function fitting(writes: readonly RunWrite[], found: Found): RunWrite[] {
  const ending = new Set<string>();
  const needed = new Map<string, number>();
  return writes.filter(({ run, reserve, end }) => {
    if (!found.runs.has(run.id)) return false;
    if (end) {
      const workflow = found.workflows.get(run.workflowId);
      if (!workflow || workflow.queued || ending.has(run.workflowId)) return false;
      ending.add(run.workflowId);
    }
    if (!reserve) return true;
    const keys = [budgetKey(run.workspaceId, "run", run.id), budgetKey(run.workspaceId, "workspace_day", reserve.day)];
    const fits = keys.every((key) => {
      const budget = found.budgets.get(key);
      if (!budget) return false;
      const used = budget.usedMicros + (needed.get(key) ?? 0);
      return reserve.amountMicros === 0 || used + reserve.amountMicros <= budget.limitMicros;
    });
    if (fits) for (const key of keys) needed.set(key, (needed.get(key) ?? 0) + reserve.amountMicros);
    return fits;
  });
}
