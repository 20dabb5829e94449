/** A unit of work: one transaction, and the wakes that follow its commit. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Alarms, Clock, WakeKind } from "../ports.ts";
import type { Database, Transaction } from "./client.ts";

export interface Work {
  readonly tx: Transaction;
  /** The time the work began; every row it writes says the same. */
  readonly now: Date;
  /** After the commit, asks for a look at `at` (milliseconds; the work's time when left out). Lost when the process dies: the sweep repairs. */
  readonly wake: (kind: WakeKind, at?: number) => void;
}

export interface WorkDeps {
  readonly db: Database;
  readonly alarms: Alarms;
  readonly clock: Clock;
}

/** Serialization failure and deadlock: the whole transaction may be tried again (PostgreSQL, appendix A). */
const CONFLICTS = new Set(["40001", "40P01"]);
const MAX_TRIES = 4;
/** Tried again at once, it may take a lock from under who waits for it, and both are where they were. */
const AGAIN_MS = 20;

/**
 * Runs `body` in a transaction, again when PostgreSQL reports a conflict, so it must touch nothing but its `tx`.
 * @throws whatever `body` throws; then nothing was written and nobody is woken
 */
export async function inWork<T>(deps: WorkDeps, body: (work: Work) => Promise<T>): Promise<T> {
  for (let tried = 1; ; tried++) {
    const now = deps.clock.now();
    const wakes = new Map<string, { kind: WakeKind; at: number }>();
    const wake = (kind: WakeKind, at = now) => wakes.set(`${kind}:${at}`, { kind, at });
    try {
      const result = await deps.db.transaction((tx) => body({ tx, now: new Date(now), wake }));
      for (const { kind, at } of wakes.values()) void deps.alarms.set(kind, at);
      return result;
    } catch (error) {
      if (tried === MAX_TRIES || !isConflict(error)) throw error;
      await sleep(AGAIN_MS * tried * (0.5 + Math.random() / 2));
    }
  }
}

/** Somebody else wrote at the same time: nothing of this was written, and the same may go well at once. */
export const isConflict = (error: unknown): boolean => CONFLICTS.has(sqlState(error) ?? "");

/**
 * Classes 08, 53, 57, conflicts, a server that became a standby or ended our transaction because it took too long, a disk
 * that failed, and what the driver says of a connection it lost.
 */
const PASSING =
  /^(?:08...|53...|57...|40001|40003|40P01|55P03|25006|25P03|25P04|58030|CONNECTION_\w+|CONNECT_TIMEOUT|ECONN\w+|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|ENOTFOUND|EAI_AGAIN)$/;

/** The database was away or busy: nothing is wrong with what was asked, and the same may go well in a moment. */
export function isPassing(error: unknown): boolean {
  for (let at: unknown = error; at instanceof Error; at = at.cause) {
    const { code } = at as { code?: unknown };
    if (typeof code === "string" && PASSING.test(code)) return true;
  }
  return false;
}

/** The SQLSTATE of a PostgreSQL error, also when the query builder wrapped it; null for anything else. */
export function sqlState(error: unknown): string | null {
  for (let at: unknown = error; at instanceof Error; at = at.cause) {
    const { code } = at as { code?: unknown };
    if (typeof code === "string" && /^[0-9A-Z]{5}$/.test(code)) return code;
  }
  return null;
}
