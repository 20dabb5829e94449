/** Prunes what is older than the policy keeps: a little at a time, so that nobody waits for it. */
import type { Log } from "../../log.ts";
import type { Database, Transaction } from "../db/client.ts";
import type { Clock } from "../ports.ts";
import { pruneGiven } from "../runs/given/store.ts";
import { pruneSeen } from "../runs/seen/store.ts";
import { pruneJournals } from "./journals/store.ts";
import { prunePieces, touchOpen } from "./pieces/store.ts";
import { type Cutoffs, cutoffsOf, type RetentionPolicy } from "./retention.ts";
import {
  type Look,
  type Looked,
  lockPruning,
  pruneDays,
  pruneDeliveries,
  pruneFirings,
  pruneInbound,
  pruneLedger,
  START,
} from "./store.ts";

/** What is pruned, in that order: a journal before the texts it needs. */
export const PRUNED_KINDS = ["inbound", "deliveries", "journals", "firings", "ledger", "pieces"] as const;
export type PrunedKind = (typeof PRUNED_KINDS)[number];

const STEPS = {
  inbound: pruneInbound,
  deliveries: pruneDeliveries,
  journals: (tx, look, now) => pruneJournals(tx, { ...look, now }),
  firings: pruneFirings,
  ledger: pruneLedger,
  pieces: async (tx, look, now) => {
    await touchOpen(tx, now);
    return prunePieces(tx, look);
  },
} as const satisfies Record<PrunedKind, (tx: Transaction, look: Look, now: Date) => Promise<Looked>>;

/** Milliseconds that one call may take; what is left is for the next. */
const AT_MOST_MS = 200;
/** The same in statements, for a clock that stands still. */
const AT_MOST_LOOKS = 40;

/** How far a walk over everything has come. */
export interface Walk {
  /** What is walked over now, and where it goes on. Null: the walk is over. */
  readonly at: { readonly kind: PrunedKind; readonly after: string } | null;
  /** Where each kind was left, for a walk that goes on from there. */
  readonly left: Readonly<Partial<Record<PrunedKind, string>>>;
}

export interface Pruned {
  /** Rows by kind; a journal's are its steps. */
  readonly removed: Readonly<Partial<Record<PrunedKind, number>>>;
  readonly walk: Walk;
}

/** A walk from the beginning. */
export const WHOLE: Walk = { at: { kind: "inbound", after: START }, left: {} };

/**
 * Prunes for a moment. Called again with the walk it returned, it goes on; from the beginning again is harmless, and so is
 * a second process at the same time: one of the two does nothing.
 */
export async function prune(db: Database, policy: RetentionPolicy, clock: Clock, walk: Walk = WHOLE): Promise<Pruned> {
  const began = clock.now();
  const cutoffs = cutoffsOf(policy, began);
  const removed: Partial<Record<PrunedKind, number>> = {};
  let now = walk;
  for (let looks = 0; now.at !== null && looks < AT_MOST_LOOKS; looks++) {
    if (clock.now() - began >= AT_MOST_MS) break;
    const { kind, after } = now.at;
    const looked = await lookOnce(db, kind, { before: cutoffs[kind], after }, cutoffs, new Date(began));
    if (looked === null) break;
    if (looked.removed > 0) removed[kind] = (removed[kind] ?? 0) + looked.removed;
    now = onFrom(now, kind, looked);
  }
  return { removed, walk: now };
}

/** Null when another process prunes. */
const lookOnce = (db: Database, kind: PrunedKind, look: Look, cutoffs: Cutoffs, now: Date): Promise<Looked | null> =>
  db.transaction(async (tx) => {
    if (!(await lockPruning(tx))) return null;
    const looked = await STEPS[kind](tx, look, now);
    if (kind === "ledger" && !looked.more) await pruneDays(tx, cutoffs.ledger);
    if (kind === "firings" && !looked.more) {
      await pruneSeen(tx, cutoffs.firings);
      await pruneGiven(tx, cutoffs.firings);
    }
    return looked;
  });

function onFrom(walk: Walk, kind: PrunedKind, looked: Looked): Walk {
  if (looked.more) return { ...walk, at: { kind, after: looked.last } };
  const left = { ...walk.left, [kind]: looked.last };
  const next = PRUNED_KINDS[PRUNED_KINDS.indexOf(kind) + 1];
  return { left, at: next === undefined ? null : { kind: next, after: left[next] ?? START } };
}

/** From where each kind was left: what was older then has gone, or stays for a whole walk to see. */
const further = ({ left }: Walk): Walk => ({ left, at: { kind: "inbound", after: left.inbound ?? START } });

export interface RetentionDeps {
  readonly db: Database;
  readonly clock: Clock;
  readonly log: Log;
  readonly policy: RetentionPolicy;
  /** Deletes wakes that nobody will take any more. */
  readonly pruneWakes: (before: Date) => Promise<unknown>;
}

export interface Retention {
  /** Prunes for a moment when it is time to. Called at every sweep; never rejects. */
  look(): Promise<void>;
}

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** A start has better things to do. */
const FIRST_MS = 60_000;

/** A walk once an hour, from where the last one ended, and once a day over everything. */
export function createRetention({ db, clock, log, policy, pruneWakes }: RetentionDeps): Retention {
  const state = { walk: { at: null, left: {} } as Walk, nextAt: clock.now() + FIRST_MS, wholeAt: -Infinity };

  /** Null when it is not time yet; also after the clock was set back. */
  function walkAt(now: number): Walk | null {
    if (state.walk.at !== null) return state.walk;
    if (now < state.nextAt && now >= state.nextAt - HOUR) return null;
    state.nextAt = now + HOUR;
    const whole = Math.abs(now - state.wholeAt) >= DAY;
    if (whole) state.wholeAt = now;
    return whole ? WHOLE : further(state.walk);
  }

  return {
    async look() {
      const now = clock.now();
      const begins = state.walk.at === null;
      const walk = walkAt(now);
      if (walk === null) return;
      try {
        if (begins) await pruneWakes(new Date(now - DAY));
        const pruned = await prune(db, policy, clock, walk);
        state.walk = pruned.walk;
        if (Object.keys(pruned.removed).length > 0) log.info({ removed: pruned.removed }, "pruned");
      } catch (error) {
        state.walk = { ...walk, at: null };
        log.warn({ err: error }, "not pruned; tried again in an hour");
      }
    },
  };
}
