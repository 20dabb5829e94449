/** At half of its time, what a run waits for people with is said again, with who can act. */
import type { Database, Transaction } from "../db/client.ts";
import { inWork, type Work, type WorkDeps } from "../db/work.ts";
import type { WorkspaceId } from "../ports.ts";
import { type HeldRun, lockRun } from "./store.ts";

/** Nobody is reminded of what is over so soon; milliseconds. */
const REMIND_FROM_MS = 10 * 60_000;
const BATCH = 100;
/** Names that are said. */
const NAMED = 5;

/** When people are reminded of what lasts so many milliseconds; null: not at all. */
export const halfTime = (now: Date, lastsMs: number): Date | null =>
  lastsMs < REMIND_FROM_MS ? null : new Date(now.getTime() + lastsMs / 2);

/** The names that a reminder says, and how many it leaves out. */
export const namesSaid = (able: readonly string[]) => ({
  able: able.slice(0, NAMED),
  more: Math.max(able.length - NAMED, 0),
});

/** What there may be to be reminded of. */
export interface Reminding<T> {
  /** What is open and has come to its half time, over all workspaces. */
  readonly due: (db: Database, now: Date, limit: number) => Promise<readonly T[]>;
  /** @returns false when somebody was reminded before, or it is over */
  readonly clear: (tx: Transaction, one: T) => Promise<boolean>;
  readonly remind: (work: Work, run: HeldRun, one: T) => Promise<void>;
}

/** Each in a work of its own, once. Again is harmless. */
export async function remindAtHalfTime<T extends { readonly workspaceId: WorkspaceId; readonly runId: string }>(
  deps: WorkDeps,
  { due, clear, remind }: Reminding<T>,
): Promise<void> {
  for (const one of await due(deps.db, new Date(deps.clock.now()), BATCH)) {
    await inWork(deps, async (work) => {
      const run = await lockRun(work, one.workspaceId, { id: one.runId });
      if (run && (await clear(work.tx, one))) await remind(work, run, one);
    });
  }
}
